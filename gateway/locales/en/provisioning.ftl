# The file's area is its name; see common.ftl for the conventions.

## A new portal
new-portal = Create a new Bitrix24
new-portal-lead = It is yours at once, and you can invite people.
portal-title = Name
portal-address = Address
address-hint = 3 to 40 letters (a–z), digits and hyphens. It stays the same.
create-portal = Create
address-free = { $address } is free.
portal-title-missing = Enter a name.
portal-title-too-long = The name can have up to 100 characters.
address-suggested = We suggest an address. Check it, then press Create.
address-missing = Enter an address.
address-too-short = Use at least 3 characters for the address.
address-too-long = Use up to 40 characters for the address.
address-characters = Use only the letters a–z, digits and hyphens between them.
address-reserved = This address is reserved. Choose another one.
address-taken = Another portal has this address, or one that looks like it. Choose another one.
portals-none-left = You have created as many portals as one { $brand } can. If you need another one, ask your administrator.
portal-soon = Your portal is created. It opens in a moment.
