# The file's area is its name; see common.ftl for the conventions.

## A new portal
new-portal = Créer un nouveau Bitrix24
new-portal-lead = Il est à vous aussitôt, et vous pouvez inviter des personnes.
portal-title = Nom
portal-address = Adresse
address-hint = De 3 à 40 lettres (a–z), chiffres et tirets. Elle ne change plus ensuite.
create-portal = Créer
address-free = { $address } est libre.
portal-title-missing = Saisissez un nom.
portal-title-too-long = Le nom peut compter jusqu’à 100 caractères.
address-suggested = Nous vous proposons une adresse. Vérifiez-la, puis appuyez sur Créer.
address-missing = Saisissez une adresse.
address-too-short = L’adresse doit compter au moins 3 caractères.
address-too-long = L’adresse peut compter jusqu’à 40 caractères.
address-characters = Utilisez seulement les lettres a–z, des chiffres et des tirets entre eux.
address-reserved = Cette adresse est réservée. Choisissez-en une autre.
address-taken = Un autre portail a cette adresse, ou une qui lui ressemble. Choisissez-en une autre.
portals-none-left = Vous avez créé autant de portails qu’un { $brand } le permet. S’il vous en faut un autre, adressez-vous à votre administrateur.
portal-soon = Votre portail est créé. Il ouvre dans un instant.
