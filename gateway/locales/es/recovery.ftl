# The file's area is its name; see common.ftl for the conventions.

## Passwords
password-guessable = Esta contraseña es demasiado fácil de adivinar. Añade una o dos palabras que no tengan que ver entre sí.
passwords-differ = No coincide con la de arriba. Escribe otra vez la contraseña nueva.
new-password-again = Contraseña nueva, otra vez
no-password-yet = Este { $brand } aún no tiene contraseña.
no-password-do = Podemos enviarte un mensaje para que elijas una.
set-password = Establecer contraseña

## Asking for a new password
forgot-password = ¿Has olvidado tu contraseña?
sign-in-no-match-or-new = Ese correo y esa contraseña no coinciden. Revisa ambos o consigue una contraseña nueva.
forgot-title = Contraseña nueva
forgot-lead = Escribe tu correo electrónico. Te enviamos un mensaje para que elijas una contraseña nueva.
send = Enviar
back-to-sign-in = Volver al inicio de sesión

## The checkword
checkword-sent = Si { $email } pertenece a un { $brand }, hay un mensaje en camino. Puede tardar un minuto; mira también en el correo no deseado.
checkword-resent = Hay un mensaje nuevo en camino. La palabra de control del anterior ya no sirve.
checkword = Palabra de control
checkword-hint = Está en el mensaje; dan igual las mayúsculas y los guiones. O abre el enlace que contiene.
resend-message-in = Nuevo mensaje en
resend-message = Enviar un mensaje nuevo
checkword-no-match = Esa no es la palabra de control del último mensaje. Revísala y vuelve a intentarlo.
checkword-outdated = Esto es de un mensaje anterior
checkword-outdated-text = Usa el que se envió a las { $time } o pide uno nuevo.
checkword-used = Esto ya se ha usado
checkword-used-text = La contraseña se ha establecido después. Inicia sesión con ella.
checkword-expired = Este enlace es demasiado antiguo
checkword-expired-text = { $count ->
    [1] Este enlace tiene más de un minuto. Podemos enviarte uno nuevo.
    [60] Este enlace tiene más de una hora. Podemos enviarte uno nuevo.
   *[other] Este enlace tiene más de { $count } minutos. Podemos enviarte uno nuevo.
}
checkword-unknown = Este enlace no funciona
checkword-unknown-text = Puede que esté incompleto o que sea para otro sitio. Podemos enviarte uno nuevo.
checkword-was-for = Se envió a { $email }.

## The new password
new-password-title = Elige una contraseña nueva
new-password-lead = Abre todos tus portales y cierra tus sesiones en los demás navegadores.
password-set-title = Tu contraseña es nueva
password-set-text = { $count ->
    [0] Los demás navegadores ya no tienen sesión.
    [1] Abre tu portal. Los demás navegadores ya no tienen sesión.
    [2] Vale en los dos portales. Los demás navegadores ya no tienen sesión.
   *[other] Vale en los { $count } portales. Los demás navegadores ya no tienen sesión.
}
password-set-notice = Hay un mensaje sobre esto en camino a { $email }.
password-set-also = También abren tu { $brand }: { $list }. Quita lo que no sea tuyo.
continue-to = Continuar a { $portal }

## Mails
mail-checkword-subject = Una contraseña nueva para tu { $brand }
mail-checkword-lead = Tu palabra de control: { $code }
mail-checkword-email = Correo electrónico: { $email }
mail-checkword-portal-name = { $portal }: { $name }
mail-checkword-portal-user = { $portal }: nombre de usuario { $user }
mail-checkword-portal-both = { $portal }: { $name }, nombre de usuario { $user }
mail-checkword-use = { $count ->
    [1] Escribe la palabra de control en la página de la que vienes o abre este enlace para elegir una contraseña nueva. Sirve una sola vez, durante un minuto.
   *[other] Escribe la palabra de control en la página de la que vienes o abre este enlace para elegir una contraseña nueva. Sirve una sola vez, durante { $count } minutos.
}
mail-checkword-other = ¿No la has pedido? Alguien se habrá equivocado al escribir su dirección; puedes ignorar este mensaje: tu contraseña sigue igual. No des la palabra de control a nadie.
mail-password-subject = La contraseña de tu { $brand } ha cambiado
mail-password-lead = Tu { $brand } tiene una contraseña nueva. Vale en todos tus portales, y los demás navegadores ya no tienen sesión.
mail-password-also = También lo abre: { $list }
mail-password-use = Si has sido tú, no hay nada que hacer. Si no, establece otra contraseña aquí:
mail-password-other = ¿No has sido tú? Entonces puede que alguien lea tu correo: cambia también la contraseña de tu buzón y avisa a tu administrador.
