# The file's area is its name; see common.ftl for the conventions.

## A new portal
new-portal = Crear un nuevo Bitrix24
new-portal-lead = Es tuyo al momento y puedes invitar a otras personas.
portal-title = Nombre
portal-address = Dirección
address-hint = De 3 a 40 letras (a–z), cifras y guiones. No cambia después.
create-portal = Crear
address-free = { $address } está libre.
portal-title-missing = Escribe un nombre.
portal-title-too-long = El nombre puede tener hasta 100 caracteres.
address-suggested = Te proponemos una dirección. Revísala y pulsa Crear.
address-missing = Escribe una dirección.
address-too-short = La dirección necesita al menos 3 caracteres.
address-too-long = La dirección puede tener hasta 40 caracteres.
address-characters = Usa solo letras a–z, cifras y guiones entre ellas.
address-reserved = Esta dirección está reservada. Elige otra.
address-taken = Otro portal tiene esta dirección o una que se le parece. Elige otra.
portals-none-left = Ya has creado todos los portales que permite un { $brand }. Si necesitas otro, habla con tu administrador.
portal-soon = Tu portal está creado. Se abrirá en un momento.
