# The file's area is its name; see common.ftl for the conventions.

## Direcciones
section-emails = Correos electrónicos
emails-title = Correos electrónicos
emails-lead = Puedes entrar con cualquiera de ellos. Te escribimos al principal, y es el único que ven los portales.
primary = principal
proof-none = Sin confirmar
proof-provider = Confirmado por el servicio con el que entraste
proof-mail = Confirmado por correo
proof-operator = Confirmado por tu administración
make-primary = Hacer principal
remove-address = Quitar
add-address-title = Añadir un correo
new-address = Correo nuevo
new-address-hint = Enviaremos un mensaje a ese correo, para que solo tú puedas añadirlo.
add-address = Añadir correo
email-added = Hecho. { $email } es tuyo y puedes entrar con él.
email-primary-changed = Hecho. { $email } es ahora tu correo principal en todos tus portales.
email-removed = Hecho. { $email } ya no figura entre los tuyos.
email-cancelled = Hecho. { $email } no se añadirá.
address-pending = Aún sin añadir: falta el código de nuestro mensaje
pending-enter = Introducir el código
pending-cancel = Cancelar
remove-title = ¿Quitar { $email }?
remove-text = Ya no podrás iniciar sesión con esta dirección ni encontrar portales por ella.
remove-portals = Con ella te conocen en { $portals }. Lo que está unido sigue unido, pero lo que deshagas después ya no podrá volver a unirse con esta dirección.
email-elsewhere = { $email } pasó a otro { $brand } mientras el código estaba en camino, así que aquí no ha cambiado nada.
email-held = Este correo ya es tuyo.
email-gone = Ese correo ya no está entre los tuyos. Esta es la lista de ahora.
email-is-primary = Tu correo principal se queda. Haz principal otro primero.
emails-most = Un { $brand } admite hasta { $count } correos. Quita uno antes de añadir otro.
emails-waiting = Te encontramos en { $portals }.
emails-join = Ver
merge-link = Unir los dos
merge-other = ¿Tienes otro { $brand }? Une los dos

## ¿Sigues siendo tú?
again-title = ¿Sigues siendo tú?
again-lead = Lo que vas a hacer es importante, así que demuestra una vez más que eres tú.
again-code-instead = Prefiero recibir un código
again-by-code = Enviaremos un código de seis cifras a { $email }.
again-send-code = Enviar código
again-no-way = Cierra la sesión, vuelve a entrar y regresa aquí antes de diez minutos.
again-done = Gracias, eres tú. Elige otra vez lo que querías cambiar.
again-leave = Volver a tu perfil
again-back = Volver

## Correos sobre direcciones
mail-again-use = { $count ->
    [one] Escríbelo para demostrar que eres tú quien cambia tu { $brand }. Vale un minuto.
   *[other] Escríbelo para demostrar que eres tú quien cambia tu { $brand }. Vale { $count } minutos.
}
mail-again-other = ¿No estás cambiando nada ahora? Entonces alguien usa un navegador en el que tienes la sesión abierta. Ciérrala en todas partes en la página «Sesiones» y no des el código a nadie.
mail-add-use = { $count ->
    [one] Escríbelo en la página de la que vienes y este correo formará parte de tu { $brand }. Vale un minuto.
   *[other] Escríbelo en la página de la que vienes y este correo formará parte de tu { $brand }. Vale { $count } minutos.
}
mail-add-other = ¿No has añadido este correo a ningún { $brand }? Entonces alguien se equivocó al escribir el suyo y puedes ignorar este mensaje. No des el código a nadie.
mail-held-subject = Este correo ya tiene un { $brand }
mail-held-lead = Alguien, probablemente tú, quiso añadir este correo a otro { $brand }. Ya tiene uno, así que no ha cambiado nada.
mail-held-use = Si los dos son tuyos, puedes unirlos aquí:
mail-held-other = ¿No has sido tú? Puedes ignorar este mensaje.
mail-added-subject = Tu { $brand } tiene un correo nuevo
mail-added-lead = Se añadió un correo a tu { $brand }. Desde ahora puedes entrar con él:
mail-primary-subject = Tu { $brand } tiene otro correo principal
mail-primary-lead = El correo principal de tu { $brand } ha cambiado. Ahora te escribimos aquí:
mail-removed-subject = Se quitó un correo de tu { $brand }
mail-removed-lead = Se quitó este correo de tu { $brand } y ya nadie puede entrar con él:
mail-changed-use = ¿No has sido tú? Pide enseguida una contraseña nueva con este correo. Así se cierra la sesión de los demás:
mail-changed-other = Después, revisa los correos en tu perfil. Si no puedes entrar, avisa a tu administración. ¿Has sido tú? Entonces no hay nada que hacer.

## De dos, uno
merge-title = Unir con otro { $brand }
merge-lead = Todo lo del otro pasa a formar parte de este: correos, formas de entrar y portales. Conservas la contraseña y el correo principal de este.
merge-other-email = Correo del otro
merge-other-password = Contraseña del otro
merge-code-instead = Enviar un código a ese correo
merge-code-sent = Si { $email } pertenece a otro { $brand }, un mensaje con un código de seis cifras va en camino. Puede tardar un minuto; mira también en el correo no deseado.
merge-own = Este correo es del { $brand } con el que has entrado. Escribe uno del otro.
merge-history = Unidos hasta ahora
merge-at = Unido
merge-undone-at = Deshecho
merge-undo = Deshacer
merge-done = Hecho. Los dos son ahora uno.
merge-done-portals = Hecho. Con entrar una vez se abren { $portals }.
merge-undo-done = Deshecho. El otro { $brand } vuelve a tener lo suyo, y su contraseña vuelve a valer.
merge-undo-impossible = Ahora no se puede deshacer. O no queda ninguno de sus correos para devolver, o este { $brand } se unió después a otro.
merge-gone = Algo ha cambiado entretanto, así que no se ha hecho nada. Empieza otra vez desde aquí.
merge-review-title = Mira antes de unir
merge-review-lead = { $other } pasa a formar parte de { $own }.
merge-changed = Algo ha cambiado desde que miraste. Esto es lo que pasaría ahora.
merge-addresses = Correos que vienen aquí
merge-ways = Formas de entrar
merge-password-ends = La contraseña del otro deja de valer. La tuya lo abre todo.
merge-password-stays = Tu contraseña no cambia.
merge-portals = Portales que vienen aquí
merge-both = Portales que conocen a los dos
merge-both-hint = En un portal eres una sola persona. Elige quién se queda; el otro queda libre.
merge-undo-hint = En los navegadores del otro se cierra la sesión. Más tarde puedes deshacer todo esto en la página de la que vienes.
merge-now = Unir
merge-not = No unir

## Correos sobre la unión
mail-merge-use = { $count ->
    [one] Escríbelo para demostrar que este { $brand } es tuyo y que puede unirse a aquel con el que has entrado. Vale un minuto.
   *[other] Escríbelo para demostrar que este { $brand } es tuyo y que puede unirse a aquel con el que has entrado. Vale { $count } minutos.
}
mail-merge-other = ¿No estás uniendo nada? Entonces alguien quiere lo que pertenece a este correo. No des el código a nadie y no pasará nada.
mail-unmergeable-subject = Este correo no tiene { $brand }
mail-unmergeable-lead = Alguien, probablemente tú, quiso unir el { $brand } de este correo con otro. No hay ninguno, así que no ha cambiado nada.
mail-unmergeable-use = Si solo quieres entrar con este correo, añádelo aquí:
mail-merged-subject = Dos son ahora uno
mail-merged-lead = Otro { $brand } forma parte del tuyo. Con él vinieron estos correos:
mail-merged-use = Aquí puedes verlo y deshacerlo:
mail-merged-other = ¿No has sido tú? Pide enseguida una contraseña nueva; así se cierra la sesión de los demás. Si no puedes entrar, avisa a tu administración.
mail-away-subject = Tu { $brand } forma parte de otro
mail-away-lead = Tus correos y portales pertenecen ahora al { $brand } con este correo:
mail-away-use = Desde ahora, entra allí. ¿No has sido tú? Pide aquí una contraseña nueva con este correo:
mail-away-other = Con ella entras en el otro y se cierra la sesión de los demás; allí puedes deshacerlo. Si no funciona, avisa a tu administración, que también puede deshacerlo.
mail-unmerged-subject = Tu { $brand } vuelve a estar aparte
mail-unmerged-lead = La unión se deshizo. Cada { $brand } vuelve a tener sus correos, sus portales y su contraseña.
mail-unmerged-use = Entra con el que necesites:
mail-unmerged-other = ¿No has sido tú? Pide una contraseña nueva para los dos.
