# Español. Tratamiento de «tú»; frases cortas; primero qué ha pasado, después qué hacer.

## Around every page
languages = Idioma
request-id = Id. de la solicitud
sections = Tus páginas
section-portals = Portales
section-profile = Sobre ti
section-sessions = Sesiones
sign-out = Cerrar sesión
continue = Continuar
try-again = Volver a intentarlo

## Sign in
sign-in = Iniciar sesión
sign-in-now = Iniciar sesión
to-portal = para continuar a { $portal }
to-join = para unirte a { $portal }
email = Correo electrónico
password = Contraseña
show = Mostrar
show-password = Mostrar contraseña
hide = Ocultar
hide-password = Ocultar contraseña
no-account = ¿Es tu primera vez?
sign-up = Crear un { $brand }
sign-in-no-match = Ese correo y esa contraseña no coinciden. Revisa ambos y vuelve a intentarlo.
sign-in-incomplete = Escribe tu correo electrónico y tu contraseña.
too-many = { $count ->
    [one] Demasiados intentos. Podrás volver a probar en un minuto.
   *[other] Demasiados intentos. Podrás volver a probar en { $count } minutos.
}
busy = Ahora mismo hay mucha gente iniciando sesión. Espera unos segundos y vuelve a intentarlo.
form-expired = Esta página llevaba demasiado tiempo abierta; aquí tienes una nueva. Vuelve a intentarlo.

## Create a Bitrix ID
name = Tu nombre
to-put-right = { $count ->
    [one] Hay un dato por revisar:
   *[other] Hay { $count } datos por revisar:
}
password-hint = Al menos { $count } caracteres. Unas cuantas palabras seguidas van muy bien.
have-account = ¿Ya tienes un { $brand }?
name-missing = Escribe tu nombre.
name-too-long = El nombre puede tener hasta 100 caracteres.
email-invalid = Escribe un correo como anna@example.com.
password-too-short = La contraseña necesita al menos { $count } caracteres.
password-too-long = Esta contraseña es demasiado larga. Usa 1024 caracteres como máximo.
password-common = Esta contraseña es de las primeras que se prueban. Elige otra.
password-is-email = Esta contraseña repite tu correo electrónico. Elige otra.
mail-failed = No se ha podido enviar el mensaje. Espera un minuto y vuelve a intentarlo.

## The code from the mail
confirm-title = Revisa tu correo
confirm-sent = Un mensaje con un código de seis cifras va camino de { $email }. Puede tardar un minuto; mira también en el spam.
confirm-resent = Un mensaje nuevo va en camino. El código del anterior ya no sirve.
code-or-else = Un mensaje va camino de { $email }. Escribe el código que trae o, si no trae ninguno, haz lo que dice. Puede tardar un minuto; mira también en el spam.
message-resent = Un mensaje nuevo va en camino. Los códigos de los anteriores ya no sirven.
code = Código
resend-in = Nuevo código en
seconds = s
resend = Enviar un código nuevo
other-address = Usar otra dirección
code-no-match = Ese no es el código del último mensaje. Revísalo y vuelve a intentarlo.
code-too-many = Ese código se ha probado demasiadas veces y ya no sirve. Pide uno nuevo abajo.
code-expired = Ese código es demasiado antiguo. Pide uno nuevo abajo.
resend-too-soon = Acaba de salir un mensaje. Espera un minuto antes de pedir otro.

## On the way

## Sign out
sign-out-title = ¿Cerrar sesión?
signed-in-as = Has iniciado sesión como { $email }.
sign-out-text = Se cerrará tu sesión de { $brand } y de todos los portales en este navegador.
stay = Seguir con la sesión abierta
signed-out-title = Sesión cerrada
signed-out-text = Este navegador ha salido de { $brand } y de todos los portales.
sign-in-again = Volver a iniciar sesión

## Portals
portals-title = Tus portales
portals-none = Aún no tienes portales. Cuando un portal añada { $email }, aparecerá aquí.
find-portal = Buscar un portal
find = Buscar
none-found = Ningún portal coincide con «{ $query }».
show-all = Mostrar todos los portales
current = actual
last-used = Último uso:

## Profile
profile-title = Sobre ti
profile-saved = { $count ->
    [0] Guardado.
    [1] Guardado. Tu portal lo mostrará en unos minutos.
    [2] Guardado. Tus dos portales lo mostrarán en unos minutos.
   *[other] Guardado. Tus { $count } portales lo mostrarán en unos minutos.
}
name-hint = { $count ->
    [0] Los portales muestran este nombre.
    [1] Tu portal muestra este nombre.
    [2] Tus dos portales muestran este nombre.
   *[other] Tus { $count } portales muestran este nombre.
}
language = Idioma
language-hint = Para estas páginas y nuestros mensajes.
save = Guardar

## Sign-in and security
section-security = Seguridad
security-title = Acceso y seguridad
security-lead = { $count ->
    [0] Una contraseña nueva cierra tus sesiones en todos los demás navegadores.
    [1] La contraseña nueva abre tu portal y cierra tus sesiones en todos los demás navegadores.
    [2] La contraseña nueva vale a la vez en los dos portales y cierra tus sesiones en todos los demás navegadores.
   *[other] La contraseña nueva vale a la vez en los { $count } portales y cierra tus sesiones en todos los demás navegadores.
}
security-changed = { $count ->
    [0] Hecho. La contraseña es nueva y los demás navegadores ya no tienen sesión.
    [1] Hecho. La contraseña es nueva en tu portal y los demás navegadores ya no tienen sesión.
    [2] Hecho. La contraseña es nueva en los dos portales y los demás navegadores ya no tienen sesión.
   *[other] Hecho. La contraseña es nueva en los { $count } portales y los demás navegadores ya no tienen sesión.
}
current-password = Contraseña actual
new-password = Contraseña nueva
current-no-match = Esa no es tu contraseña actual. Revísala e inténtalo de nuevo.
password-is-current = Esa es tu contraseña actual. Elige otra.
change-password = Cambiar la contraseña

## Sessions
sessions-title = Sesiones
sessions-lead = Los navegadores en los que tienes la sesión abierta.
sessions-ended = { $count ->
    [0] Listo. No quedaba ninguna sesión por cerrar.
    [1] Listo. Un navegador ha salido de todos los portales.
   *[other] Listo. { $count } navegadores han salido de todos los portales.
}
end-others = Cerrar las demás sesiones
this-browser = este navegador
signed-in-since = Inicio:
device = { $browser } en { $system }
device-unknown = Navegador desconocido

## No access
no-access-title = Sin acceso a { $portal }
no-access-text = { $portal } no conoce este { $brand }.
use-another = Usar otro { $brand }
go-to-portal = Ir a uno de los tuyos

## Cookies
cookies-title = Tu navegador no guarda nuestras cookies
cookies-text = Para iniciar sesión hace falta una pequeña cookie, y no ha vuelto. Ocurre cuando las cookies están bloqueadas o se borran al momento.
cookies-do = Permite las cookies de este sitio y vuelve a intentarlo.

## Errors
this-portal = Este portal
to-start-of = Ir a { $portal }
bad-request = No podemos leer esa dirección
bad-request-text = El enlace o el formulario contiene algo que no entendemos. Revisa la dirección o empieza de nuevo desde la primera página.
not-found = Aquí no hay nada
not-found-text = Puede que la dirección esté mal escrita o que la página haya cambiado de sitio.
misdirected = Esta conexión era para otro sitio
misdirected-text = Tu navegador ha reutilizado una conexión que había abierto con otra dirección. Si vuelves a intentarlo, se abrirá una nueva.
forbidden = Aquí no puedes pasar
forbidden-text = Esta dirección está cerrada o el formulario venía de otra página. Vuelve atrás, recarga la página e inténtalo otra vez.
method = Esta dirección no admite eso
method-text = No se puede usar así. Vuelve atrás y abre la página de nuevo.
too-slow = Ha llegado demasiado despacio
too-slow-text = Tu conexión ha enviado demasiado poco durante demasiado tiempo. Vuelve atrás e inténtalo de nuevo, mejor con otra conexión.
too-large = Es demasiado grande
too-large-text = Lo que has enviado supera lo que admite este sitio. Vuelve atrás y prueba con algo más pequeño.
uri-too-long = Esa dirección es demasiado larga
uri-too-long-text = Vuelve atrás o empieza de nuevo desde la primera página.
headers-too-large = Tu navegador ha enviado demasiado de una vez
headers-too-large-text = Casi siempre son demasiadas cookies. Borra las de este sitio y abre la página de nuevo.
upstream-down = { $portal } no responde
upstream-down-text = No tiene que ver con tu inicio de sesión. La página lo vuelve a intentar sola cada 10 segundos.
upstream-slow = { $portal } tarda demasiado
upstream-slow-text = No tiene que ver con tu inicio de sesión. Puede que lo que enviaste haya llegado: compruébalo antes de enviarlo otra vez.
unavailable = Ahora mismo no podemos responder
unavailable-text = Una parte de { $brand } está saturada o no responde. Suele pasar en unos segundos.
internal = Algo ha fallado por nuestra parte
internal-text = Ha quedado anotado. Vuelve a intentarlo; si se repite, da a tu administrador el id. de la solicitud que ves abajo.

## Moments
when-now = ahora mismo
when-minutes = { $count ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
}
when-hours = { $count ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
}
when-days = { $count ->
    [one] hace { $count } día
   *[other] hace { $count } días
}
when-date = { $day } de { $month } de { $year }
month = { $count ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}

## Mails
mail-code-subject = { $code } es tu código de { $brand }
mail-code-lead = Tu código: { $code }
mail-code-use = { $count ->
    [one] Escríbelo en la página de la que vienes. Sirve durante un minuto.
   *[other] Escríbelo en la página de la que vienes. Sirve durante { $count } minutos.
}
mail-code-other = ¿No has pedido ningún código? Alguien se habrá equivocado al escribir su dirección; puedes ignorar este mensaje. No des el código a nadie.
mail-known-subject = Ya tienes un { $brand }
mail-known-lead = Alguien, seguramente tú, ha querido crear un { $brand } con esta dirección. Ya existe, así que no ha cambiado nada.
mail-known-use = Inicia sesión aquí:
mail-known-other = ¿No has sido tú? Puedes ignorar este mensaje.
mail-new-subject = Tu { $brand } está listo
mail-new-lead = Esta dirección ya tiene un { $brand }. Con un solo inicio de sesión se abren todos tus portales.
mail-new-use = Tus portales:
mail-new-other = ¿No has sido tú? Entonces alguien puede leer tu correo. Cambia la contraseña de tu buzón y avisa a tu administrador.
