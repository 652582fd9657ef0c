# El primer inicio de sesión y la página de los portales; criterios en common.ftl.

## Listas
list-and = { $rest } y { $last }
list-and-i = { $rest } e { $last }

## Demostrar la dirección
welcome-title = Te damos la bienvenida
prove-title = Demuestra que la dirección es tuya
prove-portals = Tu contraseña abre { $portals }. Demuestra que esta dirección es tuya y un solo inicio de sesión abrirá todos los portales que la conocen.
prove-other-password = Esta es tu contraseña de { $portals }, no la de tu { $brand }. Demuestra que esta dirección es tuya y une los portales: desde entonces entrarás allí como con tu { $brand }, y esta contraseña dejará de valer.
prove-provider = Antes de seguir con { $provider }, demuestra que esta dirección es tuya.
prove-unproved = Aún no has demostrado que { $email } es tuya. Hazlo y un solo inicio de sesión abrirá todos los portales que la conocen.
prove-send = Enviar un código
prove-no-mail = Ahora mismo no se puede enviar ningún mensaje a { $email }. Espera un minuto y pide un código.
prove-impossible = Este servicio no envía correo, así que aquí no se puede demostrar que { $email } es tuya. Tu administrador puede ayudarte.
prove-later = Ir solo a { $portal } y demostrarlo luego
prove-later-hint = Hasta que lo demuestres no se abre nada más.
prove-later-taken = Alguien entró antes con { $email } y no demostró que fuera suya. Demuéstralo y será solo tuya.
prove-later-gone = Ese portal ya no te conoce por esta dirección, así que no puedes continuar a él.
prove-sign-in = Iniciar sesión con la contraseña de tu { $brand }
not-now = Ahora no
unproved-note = Aún no has demostrado que la dirección es tuya, así que solo se abre un portal.

## Donde termina
code-elsewhere = Escribe este código donde empezaste
code-elsewhere-text = Solo vale en el navegador que lo pidió: vuelve a esa página y escríbelo allí. No se ha gastado nada. Si no has pedido ningún código, no se lo des a nadie.
code-elsewhere-next = Iniciar sesión aquí
welcome-refused = Con este { $brand } no se puede iniciar sesión
welcome-refused-text = Está bloqueado o a punto de eliminarse. Tu administrador puede ayudarte.
linked-elsewhere = Esa cuenta de { $provider } abre otro { $brand }
linked-elsewhere-text = Inicia sesión con { $provider } para llegar a ese otro. Si quieres usarla aquí, desconéctala antes allí.

## Unir
join-title = { $count ->
    [one] Te hemos encontrado en un portal
   *[other] Te hemos encontrado en { $count } portales
}
join-lead = { $count ->
    [one] Conoce { $email }. Únelo y tu { $brand } lo abrirá.
   *[other] Conocen { $email }. Únelos y un solo inicio de sesión los abrirá todos.
}
join-which = Este portal tiene tu dirección varias veces. ¿Cuál eres tú?
join-none-of-these = Ninguno de estos
join = Unir
join-hint = Puedes deshacerlo cuando quieras en la página «{ $page }».
join-ahead = Si no lo unes, { $portal } no se abre.
join-none-ticked = { $count ->
    [one] Marca el portal o elige «Ahora no».
   *[other] Marca al menos un portal o elige «Ahora no».
}
join-password = { $count ->
    [one] Se abre con la contraseña de tu { $brand }. La que tenías allí ya no vale.
   *[other] Se abren con la contraseña de tu { $brand }. Las que tenías allí ya no valen.
}
join-password-typed = { $count ->
    [one] La contraseña que acabas de usar es ahora la de tu { $brand } y abrirá este portal en cuanto lo unas.
   *[other] La contraseña que acabas de usar es ahora la de tu { $brand } y abre todos los portales que unas. Las que tenías en los demás ya no valen.
}
join-password-none = { $count ->
    [one] Se abre de la misma forma en que entras con tu { $brand }. La contraseña que tenías allí ya no vale.
   *[other] Se abren de la misma forma en que entras con tu { $brand }. Las contraseñas que tenías allí ya no valen.
}
joined = Hecho. Un solo inicio de sesión abre ahora { $portals }.
joined-many = { $count ->
    [one] Hecho. Un solo inicio de sesión abre ahora un portal.
   *[other] Hecho. Un solo inicio de sesión abre ahora { $count } portales.
}
no-access-found = En { $portal } hay un perfil con tu dirección. Únelo y podrás entrar.

## La página de los portales
manage-portals = Quién eres en tus portales
manage-portals-lead = Qué abre tu { $brand } y con qué perfil.
opened-title = Se abren con un solo inicio de sesión
how-added = Añadido por el portal
how-address = Unido porque allí conocen tu dirección,
how-password = Unido con la contraseña del portal
how-operator = Unido por la administración
how-invited = Aceptaste una invitación
how-created = Lo creaste tú
portal-is-told = El portal recibe: { $who }
portal-record = Perfil en el portal: { $who }
undo = Deshacer la unión
undo-title = ¿Deshacer la unión con { $portal }?
undo-text = Tu { $brand } ya no abrirá { $portal }. El perfil de allí ({ $name }) queda como está.
undo-again = Podrás volver a unirlo más adelante.
undo-again-with = El portal te conoce como { $email }, que no está entre tus direcciones. Para volver a unirlo, antes tendrás que añadir esa dirección.
undo-not-again = El portal no tiene ninguna dirección tuya, así que no podrás volver a unirlo por tu cuenta. Tendría que darte acceso quien lo administra.
undo-keep = Conservarla
unjoined = Hecho. Tu { $brand } ya no abre { $portal }.
journal-title = Historial
journal-address = Uniste { $portal }, que conoce tu dirección.
journal-password = Uniste { $portal } con la contraseña del portal.
journal-operator = La administración unió { $portal }.
journal-undone = Deshiciste la unión con { $portal }.
journal-undone-operator = Alguien de la administración deshizo la unión con { $portal }.

## Mensajes
mail-joining-portals = { $count ->
    [one] Después de escribirlo, eliges si quieres unir { $portals }.
   *[other] Después de escribirlo, eliges cuáles de estos quieres unir: { $portals }.
}
mail-joining-use = { $count ->
    [one] Escríbelo en la página de la que vienes o abre este enlace en el mismo navegador. Vale durante un minuto.
   *[other] Escríbelo en la página de la que vienes o abre este enlace en el mismo navegador. Vale durante { $count } minutos.
}
mail-joining-other = ¿No has intentado iniciar sesión? Entonces no des el código a nadie: con él otra persona entraría en tus portales. Por lo demás, puedes ignorar este mensaje.
mail-new-password = Su contraseña es la que acabas de usar para entrar. Vale en todos los portales que unas.
mail-joined-subject = { $count ->
    [one] Un portal nuevo en tu { $brand }
   *[other] Portales nuevos en tu { $brand }
}
mail-joined-lead = { $count ->
    [one] Un solo inicio de sesión abre ahora también este portal:
   *[other] Un solo inicio de sesión abre ahora también estos portales:
}
mail-joined-use = { $count ->
    [one] Se abre de la misma forma en que entras con tu { $brand }; la contraseña que tenías allí ya no vale. Míralo o deshaz la unión aquí:
   *[other] Se abren de la misma forma en que entras con tu { $brand }; las contraseñas que tenías allí ya no valen. Míralos o deshazlo aquí:
}
mail-joined-other = ¿No has sido tú? Deshazlo allí y cambia tu contraseña.
mail-unjoined-subject = { $portal } ya no forma parte de tu { $brand }
mail-unjoined-lead = Se ha deshecho la unión con { $portal }. Tu perfil de allí queda como está.
mail-unjoined-use = Tus portales:
mail-unjoined-other = ¿No has sido tú? Cambia tu contraseña.
