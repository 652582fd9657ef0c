# The file's area is its name; see common.ftl for the conventions.

## A new portal
new-portal = Neues Bitrix24 erstellen
new-portal-lead = Es gehört sofort Ihnen, und Sie können andere einladen.
portal-title = Name
portal-address = Adresse
address-hint = 3 bis 40 Buchstaben (a–z), Ziffern und Bindestriche. Sie bleibt, wie sie ist.
create-portal = Erstellen
address-free = { $address } ist frei.
portal-title-missing = Geben Sie einen Namen ein.
portal-title-too-long = Der Name kann bis zu 100 Zeichen haben.
address-suggested = Wir schlagen eine Adresse vor. Prüfen Sie sie und klicken Sie auf „Erstellen“.
address-missing = Geben Sie eine Adresse ein.
address-too-short = Die Adresse braucht mindestens 3 Zeichen.
address-too-long = Die Adresse kann höchstens 40 Zeichen haben.
address-characters = Verwenden Sie nur die Buchstaben a–z, Ziffern und Bindestriche dazwischen.
address-reserved = Diese Adresse ist reserviert. Wählen Sie eine andere.
address-taken = Ein anderes Portal hat diese Adresse oder eine, die ihr ähnelt. Wählen Sie eine andere.
portals-none-left = Sie haben so viele Portale erstellt, wie mit einer { $brand } möglich sind. Wenn Sie noch eines brauchen, fragen Sie Ihre Administration.
portal-soon = Ihr Portal ist erstellt. Es öffnet in wenigen Augenblicken.
