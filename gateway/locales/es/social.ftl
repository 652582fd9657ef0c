# Cuentas en otros servicios. Convenciones: common.ftl; { $provider } es el nombre de un servicio.

## Botones
section-social = Cuentas sociales
social-or = o
social-with = Continuar con { $provider }
social-cancelled = No ha terminado en { $provider }. Entre de otra manera o vuelva a intentarlo.

## El servicio no ha identificado a nadie
social-failed-title = No se pudo entrar con { $provider }
social-refused = La respuesta de { $provider } no es válida y nadie ha entrado. A menudo basta con volver a intentarlo.
social-stale = Esta entrada empezó en otro navegador o hace demasiado tiempo. Empiece de nuevo.
social-unreachable-title = { $provider } no responde
social-unreachable = { $provider } no contesta ahora mismo. Inténtelo dentro de un momento o entre de otra manera.
social-too-many = Han sido muchos intentos. Espere unos minutos o entre de otra manera.
social-not-allowed = Con este { $brand } no se puede entrar. Pregunte a quienes lo administran o use otro.
social-other-way = Entrar de otra manera

## Una palabra suya
social-address-title = Su dirección de correo
social-address-lead = { $provider } no nos ha dado ninguna dirección. Escriba la suya y le enviaremos un código.
social-confirm-title = Ya tiene un { $brand }
social-confirm-lead = { $email } pertenece a un { $brand }. Demuestre que es suyo y { $provider } también lo abrirá.
social-send-code = Enviar un código a esta dirección
social-no-match = Esa no es la contraseña de este { $brand }. Revísela o pida un código.
social-belongs-title = Esta cuenta de { $provider } abre otro { $brand }
social-belongs-lead = Abre { $owner }.
social-belongs-told = { $provider } da { $email }, que es otro distinto.
social-go-on = Seguir como { $owner }
social-merge-hint = ¿Los dos son suyos?
social-merge = Unir los dos
social-cancel = Cancelar

## Lo que está conectado
social-title = Cuentas sociales
social-lead = Cuentas de otros sitios que abren su { $brand }.
social-none = Todavía no hay nada conectado.
social-linked = Hecho. { $provider } ya abre su { $brand }.
social-already = { $provider } ya estaba conectado. Nada ha cambiado.
social-unlinked = Hecho. { $provider } ya no abre su { $brand }.
social-elsewhere = Esa cuenta de { $provider } abre otro { $brand } y se queda allí.
social-not-finished = No ha terminado en { $provider }. Nada ha cambiado.
social-confirmed = Gracias. Durante los próximos minutos puede conectar y desconectar cuentas.
social-last-way = Sin ella ya no podría entrar. Ponga antes una contraseña o conecte otra cuenta.
social-gone = Esa cuenta ya no está conectada.
social-since = Conectada
social-never-used = sin usar todavía
social-disconnect = Desconectar
social-connect-title = Conectar una cuenta
social-connect = Conectar { $provider }

## Correos
mail-linked-subject = { $brand }: se ha conectado { $provider }
mail-linked-lead = Una cuenta de { $provider } abre ahora su { $brand }.
mail-links-use = Vea lo que está conectado:
mail-linked-other = ¿No ha sido usted? Desconéctela allí y cambie su contraseña.
mail-unlinked-subject = { $brand }: se ha desconectado { $provider }
mail-unlinked-lead = Una cuenta de { $provider } ya no abre su { $brand }.
mail-unlinked-other = ¿No ha sido usted? Entre, cierre las demás sesiones y cambie su contraseña.
