# The file's area is its name; see common.ftl for the conventions.

# Your own details, sessions, leaving.

## You
name-hint-some = { $count ->
    [0] Kein Portal zeigt diesen Namen: Sie haben dort einen anderen gewählt.
    [1] 1 Ihrer { $total } Portale zeigt diesen Namen. Sonst haben Sie einen anderen gewählt.
   *[other] { $count } Ihrer { $total } Portale zeigen diesen Namen. Sonst haben Sie einen anderen gewählt.
}
profile-saved-some = { $count ->
    [0] Gespeichert. Kein Portal zeigt es: Sie haben dort einen anderen Namen gewählt.
    [1] Gespeichert. 1 Ihrer { $total } Portale zeigt es in wenigen Minuten.
   *[other] Gespeichert. { $count } Ihrer { $total } Portale zeigen es in wenigen Minuten.
}
phone = Telefon
phone-hint = Mit Landesvorwahl, etwa +49 30 12345678. Kein Portal erfährt sie.
phone-invalid = Geben Sie die Nummer mit Landesvorwahl ein, etwa +49 30 12345678, oder lassen Sie das Feld leer.
time-zone = Zeitzone
time-zone-is = Zeiten auf diesen Seiten und in unseren E-Mails gelten für { $zone }.
time-zone-change = Zeitzone ändern
time-zone-area = Weltgegend
time-zone-show = Orte zeigen
time-zone-place = Nächster Ort
time-zone-browser = Zeitzone dieses Browsers:
time-zone-use = Diese verwenden
area-africa = Afrika
area-america-a-l = Amerika, A–L
area-america-m-z = Amerika, M–Z
area-antarctica = Antarktis
area-arctic = Arktis
area-asia = Asien
area-atlantic = Atlantik
area-australia = Australien
area-europe = Europa
area-indian = Indischer Ozean
area-pacific = Pazifik
time-zone-none = Lieber UTC verwenden
time-zone-saved = Gespeichert. Zeiten gelten jetzt für { $zone }. Portale behalten ihre eigenen.
time-zone-unknown = Wählen Sie einen Ort aus der Liste.
back-to-profile = Zurück zum Profil
photo = Foto
photo-alt = Ihr Foto
photo-file = Bild auswählen
photo-hint = { $count ->
    [0] JPEG, PNG oder WebP, bis 5 MB. Portale können es zeigen.
    [1] JPEG, PNG oder WebP, bis 5 MB. Ihr Portal kann es zeigen.
    [2] JPEG, PNG oder WebP, bis 5 MB. Beide Portale können es zeigen.
   *[other] JPEG, PNG oder WebP, bis 5 MB. Alle { $count } Portale können es zeigen.
}
photo-use = Dieses Bild verwenden
photo-remove = Foto entfernen
photo-saved = { $count ->
    [0] Gespeichert.
    [1] Gespeichert. Ihr Portal zeigt es, sobald es wieder fragt.
    [2] Gespeichert. Beide Portale zeigen es, sobald sie wieder fragen.
   *[other] Gespeichert. Alle { $count } Portale zeigen es, sobald sie wieder fragen.
}
photo-removed = { $count ->
    [0] Das Foto ist entfernt.
    [1] Das Foto ist entfernt, auch im Portal, sobald es wieder fragt.
    [2] Das Foto ist entfernt, auch in beiden Portalen, sobald sie wieder fragen.
   *[other] Das Foto ist entfernt, auch in allen { $count } Portalen, sobald sie wieder fragen.
}
photo-missing = Wählen Sie zuerst ein Bild aus.
photo-unreadable = Das lässt sich nicht als Bild lesen. Wählen Sie ein JPEG, PNG oder WebP.
photo-too-large = Dieses Bild hat zu viele Pixel. Verkleinern Sie es und versuchen Sie es noch einmal.

## The name on one portal
own-name-link = Name in { $portal }
own-name-heading = Sie in { $portal }
own-name-lead = Nur { $portal } zeigt, was Sie hier eintragen.
own-name = Name in { $portal }
own-name-hint = Lassen Sie es leer, um auch dort { $name } zu heißen.
own-title = Funktion
own-title-hint = Zum Beispiel „Vertriebsleitung“. Leer lassen für keine.
own-title-too-long = Die Funktion kann bis zu 100 Zeichen haben.
own-name-saved = Gespeichert. { $portal } zeigt es ab jetzt, Ihre anderen Portale nicht.

## Sessions
session-by-password = mit dem Passwort
session-by-code = mit einem Code aus einer E-Mail
session-by-link = mit einem verknüpften Konto
session-from = Von { $address }
session-opened = Geöffnet: { $portals }
session-ended = Erledigt. { $device } wurde abgemeldet.
sessions-ended-portals = Geöffnet war { $portals }.
end-all = Überall abmelden, auch hier

## A browser not seen before
mail-device-subject = Neue Anmeldung mit Ihrer { $brand }
mail-device-lead = Jemand hat sich mit Ihrer { $brand } in einem Browser angemeldet, der das noch nie getan hatte.
mail-device-time = Zeit: { $time }
mail-device-browser = Browser: { $browser }
mail-device-address = Netzadresse: { $address }
mail-device-use = Wenn Sie das nicht waren, melden Sie diesen Browser hier ab. Der Link gilt 7 Tage:
mail-device-other = Waren Sie es? Dann ist nichts zu tun.
not-me-title = Waren Sie das nicht?
not-me-text = Damit wird ein Browser von { $brand } und allen Portalen abgemeldet. Sonst ändert sich nichts.
not-me-time = Zeit
not-me-browser = Browser
not-me-address = Netzadresse
not-me-end = Diesen Browser abmelden
not-me-was-me = Das war ich
not-me-ended-title = Dieser Browser ist abgemeldet
not-me-ended-text = Er ist von { $brand } und allen Portalen abgemeldet.
not-me-ended-next = Wer auch immer es war, kennt vielleicht Ihr Passwort. Ein neues meldet auch alle anderen ab.
not-me-password = Neues Passwort festlegen
not-me-gone-text = Er wurde schon benutzt, der Browser hat sich selbst abgemeldet, oder es sind mehr als 7 Tage vergangen. Ihre Sitzungen zeigen, wer angemeldet ist.
not-me-sessions = Zu Ihren Sitzungen
link-gone-title = Dieser Link gilt nicht mehr

## The person's data
data-title = Meine Daten herunterladen
data-holds = Eine Datei mit allem, was { $brand } über Sie speichert: Ihre Angaben, Adressen und Ihr Foto, Ihre Portale und wie sie dazukamen, verknüpfte Konten, Sitzungen und was wann geschah.
data-not = Sie enthält kein Passwort und nichts, womit sich jemand anmelden könnte. Was ein Portal über Sie speichert, bleibt dort; fragen Sie dessen Betreiber.
data-download = Datei herunterladen

## Leaving
delete-title = Meine { $brand } löschen
delete-heading = Ihre { $brand } löschen?
delete-now = Sie werden sofort abgemeldet, in jedem Browser und von jedem Portal.
delete-then = Am { $date } wird Ihre { $brand } gelöscht: Name, Adressen, Foto, verknüpfte Konten. Danach kann sie niemand zurückholen.
delete-keep = Bis dahin können Sie sie behalten: Melden Sie sich an, oder nutzen Sie den Link in der E-Mail, die wir Ihnen schicken.
delete-keep-mail = Bis dahin können Sie sie mit dem Link in der E-Mail behalten, die wir Ihnen schicken.
delete-keep-sign-in = Bis dahin können Sie sie behalten: Melden Sie sich an.
delete-no-way-back = Das geht hier nicht. Sie könnten sich danach nicht mehr anmelden, und keine E-Mail von uns würde Sie erreichen: Sie könnten es sich nicht anders überlegen. Bitten Sie die Betreiber von { $brand }, sie für Sie zu löschen.
delete-portals = { $count ->
    [1] Dieses Portal erkennt Sie dann nicht mehr an ihr:
    [2] Beide Portale erkennen Sie dann nicht mehr an ihr:
   *[other] Diese { $count } Portale erkennen Sie dann nicht mehr an ihr:
}
delete-portals-keep = Was dort über Sie gespeichert ist, bleibt dort. Eine neue { $brand } mit derselben Adresse kann Ihre Profile dort wieder verbinden.
runs-alone = Außer Ihnen führt niemand { $portals }. Ohne Sie beantwortet dort niemand Anfragen, und niemand lädt Leute ein.
delete-stay = Alles lassen, wie es ist
leaving-note = Ihre { $brand } wird am { $date } gelöscht. Doch nicht? Melden Sie sich vorher an, dann können Sie sie behalten.
mail-leaving-subject = Ihre { $brand } wird am { $date } gelöscht
mail-leaving-lead = Sie wollten Ihre { $brand } löschen. Das geschieht am { $date }; bis dahin ist sie überall abgemeldet.
mail-leaving-use = Anders überlegt? Hier behalten Sie sie:
mail-leaving-other = Das waren nicht Sie? Dann behalten Sie sie mit dem Link oben und legen Sie ein neues Passwort fest.
keep-title = Ihre { $brand } wird gelöscht
keep-text = Das geschieht am { $date }, wie Sie es wollten. Bis dahin ist sie nicht nutzbar, und Sie können sie noch behalten.
keep-keep = Behalten
keep-go = Löschen lassen
keep-kept-title = Ihre { $brand } bleibt
keep-kept-text = Es wurde nichts gelöscht. Melden Sie sich an, und alles ist wie zuvor.
keep-kept-here = Es wurde nichts gelöscht. Sie sind angemeldet, und alles ist wie zuvor.
keep-nothing-text = Er wurde schon benutzt oder ist zu alt. Wenn Sie sich anmelden können, bleibt Ihre { $brand } bestehen.

## Moments
when-full = { $date }, { $time } Uhr ({ $zone })
