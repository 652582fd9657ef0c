# The file's area is its name; see common.ftl for the conventions.

## Around every page
not-you = ¿No eres tú?
switched-out = Has cerrado la sesión. Entra con otro { $brand }.

## Asking for access
no-access-knows = Conoce a las personas que han añadido sus administradores.
ask-for-access = Pedir acceso
ask-hint = Quienes llevan { $portal } ven tu nombre y { $email }.
access-asked = Pediste acceso
access-asked-owners = Quienes llevan { $portal } ya lo saben. Cuando respondan, recibirás un mensaje.
access-asked-nobody = En { $brand } nadie responde todavía a las peticiones de { $portal }. La tuya se guarda 30 días; si conoces a alguien allí, avísale también.
access-declined = Pediste acceso. El { $date } dijeron que no.
ask-again = Volver a pedir acceso
portal-decides = { $portal } decide quién entra.
id-ready = Tu { $brand } está listo.

## Portals that know one
home-waiting-many = Te encontramos en { $count } portales.
home-provable = Puede que un portal conozca { $email }. Demuestra con un código enviado por correo que la dirección es tuya y podrás unirlo.

## Portals one runs
owned-title = Portales que llevas
people-hint = Personas, peticiones, invitaciones
requests-open = { $count ->
    [one] 1 petición
   *[other] { $count } peticiones
}

## People of a portal
people-title = Personas de { $portal }
requests-title = { $count ->
    [one] Una persona pide acceso
   *[other] { $count } personas piden acceso
}
asked = Petición
approve = Dar acceso
decline = Rechazar
request-approved = Hecho. Esa persona ya puede usar el portal; se lo decimos en un mensaje.
request-declined = Has rechazado la petición de { $name }. Se lo decimos en un mensaje.
request-answered = Esa petición ya no está abierta: otra persona la respondió o ha caducado.
invite-title = Invitar a personas
emails = Direcciones de correo
emails-hint = Una o varias, hasta 20. Cada una recibe un mensaje con un enlace para una persona.
invite = Enviar invitaciones
emails-missing = Escribe al menos una dirección de correo.
emails-invalid = «{ $typed }» no es una dirección de correo. No se ha enviado ninguna invitación.
emails-too-many = Invita a 20 personas como máximo cada vez.
uses = O un enlace para compartir: ¿para cuántas personas?
uses-hint = Quien tenga el enlace puede unirse durante 7 días. De 1 a 50 personas.
uses-wrong = Escribe un número del 1 al 50.
make-link = Crear un enlace
link-made = Aquí tienes tu enlace. Solo se muestra ahora; cópialo antes de salir de esta página.
link-label = Enlace
invited = { $count ->
    [one] La invitación va en camino.
   *[other] { $count } invitaciones van en camino.
}
invitations-title = Invitaciones abiertas
invitations-too-many = Este portal tiene 100 invitaciones abiertas. Retira algunas antes de enviar más.
invitation-link = Enlace
invitation-used = { $used } de { $count } se han unido
expires-in = { $count ->
    [one] Acaba en menos de un día
   *[other] Acaba en { $count } días
}
revoke = Retirar
invitation-revoked = Hecho. Esa invitación ya no da acceso a nadie.
members-title = Miembros
members-more = { $count ->
    [one] La lista muestra una persona. Busca a las demás.
   *[other] La lista muestra las primeras { $count }. Busca a las demás por nombre o correo.
}
find-person = Buscar a una persona
nobody-found = Nadie coincide con «{ $query }».
show-everybody = Mostrar a todos
you = tú
member-joined = Se unió:
remove = Quitar
remove-member-title = ¿Quitar a { $name } de { $portal }?
remove-member-text = { $portal } se cierra enseguida para { $name }. Solo podrá volver si alguien le da acceso de nuevo.
remove-member-keep = No quitar
member-removed = Hecho. El portal ya no se abre para { $name }.
role-owner = Propietario
role-admin = Administrador
role-employee = Empleado
copy = Copiar
copied = Copiado

## Invitations
invitation-title = Te han invitado a { $portal }
invitation-from = De { $name } ({ $email })
invitation-text = Si aceptas, { $portal } se suma a tus portales y ve tu nombre y tu correo.
invitation-first = Primero inicia sesión o crea un { $brand }. Después vuelves aquí.
accept = Aceptar
open-portal = Abrir el portal
invitation-member = Ya formas parte de { $portal }
invitation-member-text = No queda nada que aceptar.
invitation-was-used = Esta invitación ya se ha usado
invitation-used-text = Todas las personas para quienes era ya están en { $portal }. Si no fuiste tú, pide otra.
invitation-was-yours = Ya has usado esta invitación
invitation-yours-text = Ya no formas parte de { $portal } y cada invitación sirve una sola vez por persona. Pide otra a quienes llevan el portal.
invitation-expired = Esta invitación ha caducado
invitation-expired-text = Una invitación a { $portal } vale 7 días. Pide otra.
invitation-withdrawn = Esta invitación se ha retirado
invitation-withdrawn-text = Quienes llevan { $portal } pueden enviarte otra.
invitation-unknown = No conocemos esta invitación
invitation-unknown-text = Puede que el enlace esté cortado. Ábrelo otra vez desde el mensaje o pide otro.

## Mails
mail-asked-subject = Piden acceso a { $portal }
mail-asked-lead = Una persona pide acceso a { $portal }, que tú llevas.
mail-asked-use = Mira quién es y responde:
mail-asked-other = Hasta que alguien responda, { $portal } sigue cerrado para esa persona.
mail-granted-subject = { $portal } está abierto para ti
mail-granted-lead = Pediste acceso a { $portal } y ya lo tienes.
mail-granted-use = Ábrelo aquí:
mail-declined-subject = Sin acceso a { $portal }
mail-declined-lead = Pediste acceso a { $portal }. Quienes lo llevan han dicho que no.
mail-declined-use = Tus portales están aquí:
mail-access-other = ¿No lo pediste tú? Entonces alguien usa tu { $brand }. Cambia la contraseña.
mail-invitation-subject = Invitación a { $portal }
mail-invitation-lead = Quienes llevan { $portal } te invitan a unirte.
mail-invitation-use = { $count ->
    [one] Mira quién te invita y acepta. El enlace vale un día y para una persona:
   *[other] Mira quién te invita y acepta. El enlace vale { $count } días y para una persona:
}
mail-invitation-other = ¿No conoces a esas personas? Puedes ignorar este mensaje. No compartas el enlace.
