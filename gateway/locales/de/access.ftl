# The file's area is its name; see common.ftl for the conventions.

## Around every page
not-you = Nicht Sie?
switched-out = Sie sind abgemeldet. Melden Sie sich mit einer anderen { $brand } an.

## Asking for access
no-access-knows = Es kennt die Personen, die von der Verwaltung des Portals aufgenommen wurden.
ask-for-access = Zugang anfragen
ask-hint = Die Verantwortlichen von { $portal } sehen Ihren Namen und { $email }.
access-asked = Sie haben Zugang angefragt:
access-asked-owners = Die Verantwortlichen von { $portal } wissen Bescheid. Sobald sie antworten, bekommen Sie eine Nachricht.
access-asked-nobody = Für { $portal } beantwortet in { $brand } noch niemand Anfragen. Ihre bleibt 30 Tage gespeichert; wenn Sie dort jemanden kennen, sagen Sie auch dort Bescheid.
access-declined = Sie haben Zugang angefragt. Die Verantwortlichen haben am { $date } abgelehnt.
ask-again = Erneut anfragen
portal-decides = Wer hineinkommt, entscheidet { $portal }.
id-ready = Ihre { $brand } ist bereit.

## Portals that know one
home-waiting-many = Wir haben Sie auf { $count } Portalen gefunden.
home-provable = Vielleicht kennt ein Portal { $email }. Zeigen Sie mit einem Code per E-Mail, dass die Adresse Ihnen gehört; dann können Sie es verbinden.

## Portals one runs
owned-title = Portale, die Sie verwalten
people-hint = Personen, Anfragen, Einladungen
requests-open = { $count ->
    [one] 1 Anfrage
   *[other] { $count } Anfragen
}

## People of a portal
people-title = Personen in { $portal }
requests-title = { $count ->
    [one] Eine Person bittet um Zugang
   *[other] { $count } Personen bitten um Zugang
}
asked = Angefragt
approve = Aufnehmen
decline = Ablehnen
request-approved = Erledigt. Die Person kann das Portal jetzt nutzen und bekommt eine Nachricht.
request-declined = Sie haben die Anfrage von { $name } abgelehnt. Die Person bekommt eine Nachricht.
request-answered = Diese Anfrage ist nicht mehr offen: Jemand anderes hat sie beantwortet, oder sie ist zu alt.
invite-title = Personen einladen
emails = E-Mail-Adressen
emails-hint = Eine oder mehrere, bis zu 20. Jede bekommt eine Nachricht mit einem Link für eine Person.
invite = Einladungen senden
emails-missing = Geben Sie mindestens eine E-Mail-Adresse ein.
emails-invalid = „{ $typed }“ ist keine E-Mail-Adresse. Es wurde keine Einladung gesendet.
emails-too-many = Laden Sie höchstens 20 Personen auf einmal ein.
uses = Oder ein Link zum Weitergeben: für wie viele Personen?
uses-hint = Wer den Link hat, kann 7 Tage lang beitreten. 1 bis 50 Personen.
uses-wrong = Geben Sie eine Zahl von 1 bis 50 ein.
make-link = Link erstellen
link-made = Hier ist Ihr Link. Er wird nur jetzt angezeigt; kopieren Sie ihn, bevor Sie die Seite verlassen.
link-label = Link
invited = { $count ->
    [one] Die Einladung ist unterwegs.
   *[other] { $count } Einladungen sind unterwegs.
}
invitations-title = Offene Einladungen
invitations-too-many = Dieses Portal hat 100 offene Einladungen. Ziehen Sie einige zurück, bevor Sie weitere senden.
invitation-link = Link
invitation-used = { $used } von { $count } beigetreten
expires-in = { $count ->
    [one] Endet innerhalb eines Tages
   *[other] Endet in { $count } Tagen
}
revoke = Zurückziehen
invitation-revoked = Erledigt. Mit dieser Einladung kommt niemand mehr hinein.
members-title = Mitglieder
members-more = { $count ->
    [one] Die Liste zeigt eine Person. Suchen Sie nach weiteren.
   *[other] Die Liste zeigt die ersten { $count }. Suchen Sie weitere nach Name oder E-Mail.
}
find-person = Person suchen
nobody-found = Niemand passt zu „{ $query }“.
show-everybody = Alle anzeigen
you = Sie
member-joined = Beigetreten:
remove = Entfernen
remove-member-title = { $name } aus { $portal } entfernen?
remove-member-text = { $portal } schließt sich sofort für { $name }. Zurück geht es nur, wenn jemand die Person wieder aufnimmt.
remove-member-keep = Nicht entfernen
member-removed = { $name } wurde entfernt. Das Portal öffnet sich für diese Person nicht mehr.
role-owner = Inhaberrolle
role-admin = Administration
role-employee = Mitarbeit
copy = Kopieren
copied = Kopiert

## Invitations
invitation-title = Sie sind zu { $portal } eingeladen
invitation-from = Von { $name } ({ $email })
invitation-text = Nehmen Sie an, dann gehört { $portal } zu Ihren Portalen und sieht Ihren Namen und Ihre E-Mail-Adresse.
invitation-first = Melden Sie sich zuerst an oder erstellen Sie eine { $brand }. Danach geht es hier weiter.
accept = Annehmen
open-portal = Portal öffnen
invitation-member = Sie gehören schon zu { $portal }
invitation-member-text = Es gibt nichts mehr anzunehmen.
invitation-was-used = Diese Einladung wurde schon verwendet
invitation-used-text = Alle, für die sie gedacht war, sind { $portal } beigetreten. Wenn Sie nicht dabei waren, bitten Sie um eine neue.
invitation-was-yours = Diese Einladung haben Sie schon verwendet
invitation-yours-text = Sie gehören nicht mehr zu { $portal }, und mit einer Einladung kommt jede Person nur einmal hinein. Bitten Sie die Verantwortlichen um eine neue.
invitation-expired = Diese Einladung ist zu alt
invitation-expired-text = Eine Einladung zu { $portal } gilt 7 Tage. Bitten Sie um eine neue.
invitation-withdrawn = Diese Einladung wurde zurückgezogen
invitation-withdrawn-text = Die Verantwortlichen von { $portal } können Ihnen eine neue senden.
invitation-unknown = Diese Einladung kennen wir nicht
invitation-unknown-text = Der Link ist vielleicht abgeschnitten. Öffnen Sie ihn noch einmal aus der Nachricht oder bitten Sie um einen neuen.

## Mails
mail-asked-subject = Anfrage: Zugang zu { $portal }
mail-asked-lead = Eine Person bittet um Zugang zu { $portal }, das Sie verwalten.
mail-asked-use = Sehen Sie nach, wer es ist, und antworten Sie:
mail-asked-other = Bis jemand antwortet, bleibt { $portal } für diese Person geschlossen.
mail-granted-subject = { $portal } ist für Sie offen
mail-granted-lead = Sie haben um Zugang zu { $portal } gebeten, und jetzt haben Sie ihn.
mail-granted-use = Hier öffnen Sie es:
mail-declined-subject = Kein Zugang zu { $portal }
mail-declined-lead = Sie haben um Zugang zu { $portal } gebeten. Die Verantwortlichen haben abgelehnt.
mail-declined-use = Ihre eigenen Portale finden Sie hier:
mail-access-other = Sie haben nicht darum gebeten? Dann benutzt jemand Ihre { $brand }. Ändern Sie das Passwort.
mail-invitation-subject = Einladung zu { $portal }
mail-invitation-lead = Die Verantwortlichen von { $portal } laden Sie ein.
mail-invitation-use = { $count ->
    [one] Sehen Sie, wer Sie einlädt, und nehmen Sie an. Der Link gilt einen Tag und für eine Person:
   *[other] Sehen Sie, wer Sie einlädt, und nehmen Sie an. Der Link gilt { $count } Tage und für eine Person:
}
mail-invitation-other = Sie kennen diese Leute nicht? Dann können Sie diese Nachricht ignorieren. Geben Sie den Link nicht weiter.
