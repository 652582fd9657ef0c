# The file's area is its name; see common.ftl for the conventions.

# Your own details, sessions, leaving.

## You
name-hint-some = { $count ->
    [0] Ningún portal muestra este nombre: allí elegiste otro.
    [1] 1 de tus { $total } portales muestra este nombre. En los demás elegiste otro.
   *[other] { $count } de tus { $total } portales muestran este nombre. En los demás elegiste otro.
}
profile-saved-some = { $count ->
    [0] Guardado. Ningún portal lo mostrará: allí elegiste otro nombre.
    [1] Guardado. 1 de tus { $total } portales lo mostrará en unos minutos.
   *[other] Guardado. { $count } de tus { $total } portales lo mostrarán en unos minutos.
}
phone = Teléfono
phone-hint = Con el prefijo del país, como +49 30 12345678. Ningún portal lo recibe.
phone-invalid = Escribe el número con el prefijo del país, como +49 30 12345678, o deja el campo vacío.
time-zone = Zona horaria
time-zone-is = Las horas de estas páginas y de nuestros mensajes son de { $zone }.
time-zone-change = Cambiar la zona horaria
time-zone-area = Parte del mundo
time-zone-show = Mostrar lugares
time-zone-place = Lugar más cercano
time-zone-browser = Zona horaria de este navegador:
time-zone-use = Usar esta
area-africa = África
area-america-a-l = América, A–L
area-america-m-z = América, M–Z
area-antarctica = Antártida
area-arctic = Ártico
area-asia = Asia
area-atlantic = Océano Atlántico
area-australia = Australia
area-europe = Europa
area-indian = Océano Índico
area-pacific = Océano Pacífico
time-zone-none = Usar UTC
time-zone-saved = Guardado. Las horas son ahora de { $zone }. Los portales conservan la suya.
time-zone-unknown = Elige un lugar de la lista.
back-to-profile = Volver al perfil
photo = Foto
photo-alt = Tu foto
photo-file = Elige una imagen
photo-hint = { $count ->
    [0] JPEG, PNG o WebP, hasta 5 MB. Los portales pueden mostrarla.
    [1] JPEG, PNG o WebP, hasta 5 MB. Tu portal puede mostrarla.
    [2] JPEG, PNG o WebP, hasta 5 MB. Tus dos portales pueden mostrarla.
   *[other] JPEG, PNG o WebP, hasta 5 MB. Tus { $count } portales pueden mostrarla.
}
photo-use = Usar esta imagen
photo-remove = Quitar la foto
photo-saved = { $count ->
    [0] Guardada.
    [1] Guardada. Tu portal la mostrará cuando vuelva a pedirla.
    [2] Guardada. Tus dos portales la mostrarán cuando vuelvan a pedirla.
   *[other] Guardada. Tus { $count } portales la mostrarán cuando vuelvan a pedirla.
}
photo-removed = { $count ->
    [0] La foto se ha quitado.
    [1] La foto se ha quitado; también de tu portal cuando vuelva a pedirla.
    [2] La foto se ha quitado; también de tus dos portales cuando vuelvan a pedirla.
   *[other] La foto se ha quitado; también de tus { $count } portales cuando vuelvan a pedirla.
}
photo-missing = Elige primero una imagen.
photo-unreadable = No podemos leerlo como imagen. Elige un JPEG, PNG o WebP.
photo-too-large = Esa imagen tiene demasiados píxeles. Redúcela e inténtalo de nuevo.

## The name on one portal
own-name-link = Nombre en { $portal }
own-name-heading = Tú en { $portal }
own-name-lead = Solo { $portal } muestra lo que escribas aquí.
own-name = Nombre en { $portal }
own-name-hint = Déjalo vacío para llamarte { $name } también allí.
own-title = Cargo
own-title-hint = Por ejemplo, «Directora de ventas». Déjalo vacío si no quieres ninguno.
own-title-too-long = El cargo puede tener hasta 100 caracteres.
own-name-saved = Guardado. { $portal } lo muestra desde ahora; tus demás portales, no.

## Sessions
session-by-password = con la contraseña
session-by-code = con un código de un mensaje
session-by-link = con una cuenta vinculada
session-from = Desde { $address }
session-opened = Ha abierto { $portals }
session-ended = Listo. { $device } ha salido.
sessions-ended-portals = Tenía abierto { $portals }.
end-all = Cerrar todas las sesiones, también esta

## A browser not seen before
mail-device-subject = Nuevo inicio de sesión con tu { $brand }
mail-device-lead = Alguien ha iniciado sesión con tu { $brand } en un navegador que no lo había hecho antes.
mail-device-time = Hora: { $time }
mail-device-browser = Navegador: { $browser }
mail-device-address = Dirección de red: { $address }
mail-device-use = Si no has sido tú, cierra esa sesión aquí. El enlace vale 7 días:
mail-device-other = ¿Has sido tú? Entonces no tienes que hacer nada.
not-me-title = ¿No has sido tú?
not-me-text = Esto cierra una sesión de { $brand } y de todos los portales. No cambia nada más.
not-me-time = Hora
not-me-browser = Navegador
not-me-address = Dirección de red
not-me-end = Cerrar esa sesión
not-me-was-me = He sido yo
not-me-ended-title = Esa sesión está cerrada
not-me-ended-text = Ha salido de { $brand } y de todos los portales.
not-me-ended-next = Quien fuera puede saber tu contraseña. Una nueva cierra también todas las demás sesiones.
not-me-password = Elegir una contraseña nueva
not-me-gone-text = Ya se ha usado, esa sesión se cerró sola o han pasado más de 7 días. En tus sesiones ves quién está dentro.
not-me-sessions = Ir a tus sesiones
link-gone-title = Este enlace ya no sirve

## The person's data
data-title = Descargar mis datos
data-holds = Un archivo con todo lo que { $brand } guarda sobre ti: tus datos, direcciones y foto, tus portales y cómo se unieron, cuentas vinculadas, sesiones y qué ocurrió y cuándo.
data-not = No contiene contraseñas ni nada que sirva para iniciar sesión. Lo que un portal guarda sobre ti está allí; pregunta a quien lo administra.
data-download = Descargar el archivo

## Leaving
delete-title = Eliminar mi { $brand }
delete-heading = ¿Eliminar tu { $brand }?
delete-now = Sales al momento, en todos los navegadores y de todos los portales.
delete-then = El { $date } se elimina tu { $brand }: nombre, direcciones, foto y cuentas vinculadas. Después nadie puede recuperarlo.
delete-keep = Hasta entonces puedes conservarlo: inicia sesión o usa el enlace del mensaje que te enviamos.
delete-keep-mail = Hasta entonces puedes conservarlo con el enlace del mensaje que te enviamos.
delete-keep-sign-in = Hasta entonces puedes conservarlo: inicia sesión.
delete-no-way-back = Aquí no es posible. No tendrías con qué volver a iniciar sesión ni te llegaría ningún mensaje nuestro, así que no podrías cambiar de idea. Pide a quienes administran { $brand } que lo eliminen por ti.
delete-portals = { $count ->
    [1] Este portal deja de reconocerte con él:
    [2] Los dos portales dejan de reconocerte con él:
   *[other] Estos { $count } portales dejan de reconocerte con él:
}
delete-portals-keep = Lo que guardan sobre ti sigue allí. Un { $brand } nuevo con la misma dirección puede volver a unir tus perfiles.
runs-alone = Solo tú administras { $portals }. Sin ti, nadie responde allí a las solicitudes ni invita a nadie.
delete-stay = Dejar todo como está
leaving-note = Tu { $brand } se eliminará el { $date }. ¿Has cambiado de idea? Inicia sesión antes y podrás conservarlo.
mail-leaving-subject = Tu { $brand } se eliminará el { $date }
mail-leaving-lead = Has pedido eliminar tu { $brand }. Ocurrirá el { $date }; hasta entonces no hay ninguna sesión abierta.
mail-leaving-use = ¿Has cambiado de idea? Consérvalo aquí:
mail-leaving-other = ¿No has sido tú? Consérvalo con el enlace de arriba y elige una contraseña nueva.
keep-title = Tu { $brand } se eliminará
keep-text = Ocurrirá el { $date }, como pediste. Hasta entonces no se puede usar, y aún puedes conservarlo.
keep-keep = Conservarlo
keep-go = Dejar que se elimine
keep-kept-title = Tu { $brand } se queda
keep-kept-text = No se ha eliminado nada. Inicia sesión y todo estará como antes.
keep-kept-here = No se ha eliminado nada. Has iniciado sesión y todo está como antes.
keep-nothing-text = Ya se ha usado o es demasiado antiguo. Si puedes iniciar sesión, tu { $brand } se queda.

## Moments
when-full = { $date }, { $time } ({ $zone })
