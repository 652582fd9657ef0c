# Cuentas en otros servicios. Convenciones: common.ftl; { $provider } es el nombre de un servicio.

## Botones
section-social = Cuentas sociales
social-or = o
social-with = Continuar con { $provider }
social-cancelled = No has terminado en { $provider }. Inicia sesión de otra manera o vuelve a intentarlo.

## El servicio no ha identificado a nadie
social-failed-title = No se pudo entrar con { $provider }
social-refused = La respuesta de { $provider } no es válida y nadie ha entrado. A menudo basta con volver a intentarlo.
social-stale = Esta entrada empezó en otro navegador o hace demasiado tiempo. Empieza de nuevo.
social-unreachable-title = { $provider } no responde
social-unreachable = { $provider } no contesta ahora mismo. Inténtalo dentro de un momento o inicia sesión de otra manera.
social-too-many = Han sido muchos intentos. Espera unos minutos o inicia sesión de otra manera.
social-not-allowed = Con este { $brand } no se puede iniciar sesión. Pregunta a quienes lo administran o usa otro.
social-other-way = Iniciar sesión de otra manera

## Una palabra tuya
social-address-title = Tu dirección de correo
social-address-lead = { $provider } no nos ha dado ninguna dirección. Escribe la tuya y te enviaremos un código.
social-confirm-title = Ya tienes un { $brand }
social-confirm-lead = { $email } pertenece a un { $brand }. Demuestra que es tuyo y { $provider } también lo abrirá.
social-send-code = Enviar un código a esta dirección
social-no-match = Esa no es la contraseña de este { $brand }. Revísala o pide un código.
social-belongs-title = Esta cuenta de { $provider } abre otro { $brand }
social-belongs-lead = Abre { $owner }.
social-belongs-told = { $provider } da { $email }, que es otro distinto.
social-go-on = Seguir como { $owner }
social-merge-hint = ¿Los dos son tuyos?
social-merge = Unir los dos
social-cancel = Cancelar

## Lo que está conectado
social-title = Cuentas sociales
social-lead = Cuentas de otros sitios que abren tu { $brand }.
social-none = Todavía no hay nada conectado.
social-linked = Hecho. { $provider } ya abre tu { $brand }.
social-already = { $provider } ya estaba conectado. Nada ha cambiado.
social-unlinked = Hecho. { $provider } ya no abre tu { $brand }.
social-elsewhere = Esa cuenta de { $provider } abre otro { $brand } y se queda allí.
social-not-finished = No has terminado en { $provider }. Nada ha cambiado.
social-confirmed = Gracias. Durante los próximos minutos puedes conectar y desconectar cuentas.
social-last-way = Sin ella ya no podrías iniciar sesión. Pon antes una contraseña o conecta otra cuenta.
social-gone = Esa cuenta ya no está conectada.
social-since = Conectada
social-never-used = sin usar todavía
social-disconnect = Desconectar
social-connect-title = Conectar una cuenta
social-connect = Conectar { $provider }

## Correos
mail-linked-subject = { $brand }: se ha conectado { $provider }
mail-linked-lead = Una cuenta de { $provider } abre ahora tu { $brand }.
mail-links-use = Mira lo que está conectado:
mail-linked-other = ¿No has sido tú? Desconéctala allí y cambia tu contraseña.
mail-unlinked-subject = { $brand }: se ha desconectado { $provider }
mail-unlinked-lead = Una cuenta de { $provider } ya no abre tu { $brand }.
mail-unlinked-other = ¿No has sido tú? Inicia sesión, cierra las demás sesiones y cambia tu contraseña.
