# Deutsch. Anrede „Sie“; kurze Sätze; erst, was geschehen ist, dann, was zu tun ist.

## Around every page
languages = Sprache
request-id = Anfrage-ID
sections = Ihre Seiten
section-portals = Portale
section-profile = Über Sie
section-sessions = Sitzungen
sign-out = Abmelden
continue = Weiter
try-again = Noch einmal versuchen

## Sign in
sign-in = Anmelden
sign-in-now = Anmelden
to-portal = und weiter zu { $portal }
to-join = und { $portal } beitreten
email = E-Mail-Adresse
password = Passwort
show = Zeigen
show-password = Passwort zeigen
hide = Verbergen
hide-password = Passwort verbergen
no-account = Zum ersten Mal hier?
sign-up = { $brand } erstellen
sign-in-no-match = E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beides und versuchen Sie es noch einmal.
sign-in-incomplete = Geben Sie Ihre E-Mail-Adresse und Ihr Passwort ein.
too-many = { $count ->
    [one] Das waren zu viele Versuche. In einer Minute geht es weiter.
   *[other] Das waren zu viele Versuche. In { $count } Minuten geht es weiter.
}
busy = Gerade melden sich sehr viele an. Warten Sie ein paar Sekunden und versuchen Sie es noch einmal.
form-expired = Diese Seite war zu lange offen; hier ist eine frische. Bitte versuchen Sie es noch einmal.

## Create a Bitrix ID
name = Ihr Name
to-put-right = { $count ->
    [one] Eine Angabe braucht noch einen Blick:
   *[other] { $count } Angaben brauchen noch einen Blick:
}
password-hint = Mindestens { $count } Zeichen. Ein paar Wörter hintereinander eignen sich gut.
have-account = Sie haben schon eine { $brand }?
name-missing = Geben Sie Ihren Namen ein.
name-too-long = Der Name darf bis zu 100 Zeichen haben.
email-invalid = Geben Sie eine E-Mail-Adresse wie anna@example.com ein.
password-too-short = Das Passwort braucht mindestens { $count } Zeichen.
password-too-long = Dieses Passwort ist zu lang. Bis zu 1024 Zeichen sind möglich.
password-common = Dieses Passwort wird als eines der ersten ausprobiert. Wählen Sie ein anderes.
password-is-email = Dieses Passwort wiederholt Ihre E-Mail-Adresse. Wählen Sie ein anderes.
mail-failed = Die Nachricht konnte nicht gesendet werden. Warten Sie eine Minute und versuchen Sie es noch einmal.

## The code from the mail
confirm-title = Sehen Sie in Ihrem Postfach nach
confirm-sent = Eine Nachricht mit einem sechsstelligen Code ist unterwegs an { $email }. Das kann eine Minute dauern; sehen Sie auch im Spam nach.
confirm-resent = Eine neue Nachricht ist unterwegs. Der Code aus der früheren gilt nicht mehr.
code-or-else = Eine Nachricht ist unterwegs an { $email }. Geben Sie den Code daraus ein; steht keiner darin, sagt sie, was stattdessen zu tun ist. Das kann eine Minute dauern; sehen Sie auch im Spam nach.
message-resent = Eine neue Nachricht ist unterwegs. Ein Code aus einer früheren gilt nicht mehr.
code = Code
resend-in = Neuer Code in
seconds = s
resend = Neuen Code senden
other-address = Andere Adresse verwenden
code-no-match = Das ist nicht der Code aus der neuesten Nachricht. Prüfen Sie ihn und versuchen Sie es noch einmal.
code-too-many = Dieser Code wurde zu oft versucht und gilt nicht mehr. Fordern Sie unten einen neuen an.
code-expired = Dieser Code ist zu alt. Fordern Sie unten einen neuen an.
resend-too-soon = Eben erst ging eine Nachricht hinaus. Warten Sie eine Minute, bevor Sie die nächste anfordern.

## On the way

## Sign out
sign-out-title = Abmelden?
signed-in-as = Sie sind als { $email } angemeldet.
sign-out-text = Damit melden Sie sich in diesem Browser von { $brand } und allen Portalen ab.
stay = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-text = Dieser Browser ist von { $brand } und allen Portalen abgemeldet.
sign-in-again = Wieder anmelden

## Portals
portals-title = Ihre Portale
portals-none = Sie haben noch keine Portale. Sobald ein Portal { $email } aufnimmt, erscheint es hier.
find-portal = Portal suchen
find = Suchen
none-found = Kein Portal passt zu „{ $query }“.
show-all = Alle Portale zeigen
current = aktuell
last-used = Zuletzt genutzt:

## Profile
profile-title = Über Sie
profile-saved = { $count ->
    [0] Gespeichert.
    [1] Gespeichert. Ihr Portal zeigt es in wenigen Minuten.
    [2] Gespeichert. Beide Portale zeigen es in wenigen Minuten.
   *[other] Gespeichert. Alle { $count } Portale zeigen es in wenigen Minuten.
}
name-hint = { $count ->
    [0] Diesen Namen zeigen die Portale.
    [1] Diesen Namen zeigt Ihr Portal.
    [2] Diesen Namen zeigen beide Portale.
   *[other] Diesen Namen zeigen alle { $count } Portale.
}
language = Sprache
language-hint = Für diese Seiten und unsere E-Mails.
save = Speichern

## Sign-in and security
section-security = Sicherheit
security-title = Anmeldung und Sicherheit
security-lead = { $count ->
    [0] Ein neues Passwort meldet Sie überall sonst ab.
    [1] Das neue Passwort öffnet Ihr Portal und meldet Sie überall sonst ab.
    [2] Das neue Passwort gilt sofort auf beiden Portalen und meldet Sie überall sonst ab.
   *[other] Das neue Passwort gilt sofort auf allen { $count } Portalen und meldet Sie überall sonst ab.
}
security-changed = { $count ->
    [0] Erledigt. Das neue Passwort gilt, und alle anderen Browser sind abgemeldet.
    [1] Erledigt. Das neue Passwort gilt auf Ihrem Portal, und alle anderen Browser sind abgemeldet.
    [2] Erledigt. Das neue Passwort gilt auf beiden Portalen, und alle anderen Browser sind abgemeldet.
   *[other] Erledigt. Das neue Passwort gilt auf allen { $count } Portalen, und alle anderen Browser sind abgemeldet.
}
current-password = Jetziges Passwort
new-password = Neues Passwort
current-no-match = Das ist nicht Ihr jetziges Passwort. Prüfen Sie es und versuchen Sie es noch einmal.
password-is-current = Das ist Ihr jetziges Passwort. Wählen Sie ein anderes.
change-password = Passwort ändern

## Sessions
sessions-title = Sitzungen
sessions-lead = Die Browser, in denen Sie angemeldet sind.
sessions-ended = { $count ->
    [0] Erledigt. Es gab nichts mehr abzumelden.
    [1] Erledigt. Ein Browser wurde von allen Portalen abgemeldet.
   *[other] Erledigt. { $count } Browser wurden von allen Portalen abgemeldet.
}
end-others = Überall sonst abmelden
this-browser = dieser Browser
signed-in-since = Angemeldet:
device = { $browser }, { $system }
device-unknown = Unbekannter Browser

## No access
no-access-title = Kein Zugang zu { $portal }
no-access-text = { $portal } kennt diese { $brand } nicht.
use-another = Andere { $brand } verwenden
go-to-portal = Zu einem Ihrer Portale

## Cookies
cookies-title = Ihr Browser behält unsere Cookies nicht
cookies-text = Zum Anmelden braucht es ein kleines Cookie, und es kam nicht zurück. Das geschieht, wenn Cookies gesperrt sind oder sofort gelöscht werden.
cookies-do = Erlauben Sie Cookies für diese Website und versuchen Sie es noch einmal.

## Errors
this-portal = Dieses Portal
to-start-of = Zu { $portal }
bad-request = Diese Adresse ist nicht lesbar
bad-request-text = Im Link oder Formular steht etwas, das wir nicht verstehen. Prüfen Sie die Adresse oder beginnen Sie auf der ersten Seite neu.
not-found = Hier ist nichts
not-found-text = Vielleicht ist die Adresse falsch geschrieben, oder die Seite ist umgezogen.
misdirected = Diese Verbindung war für eine andere Website gedacht
misdirected-text = Ihr Browser hat eine Verbindung wiederverwendet, die er zu einer anderen Adresse aufgebaut hatte. Ein neuer Versuch öffnet eine neue.
forbidden = Das steht Ihnen nicht offen
forbidden-text = Diese Adresse ist gesperrt, oder das Formular kam von einer anderen Seite. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
method = Das nimmt diese Adresse nicht an
method-text = So lässt sie sich nicht verwenden. Gehen Sie zurück und öffnen Sie die Seite neu.
too-slow = Das kam zu langsam an
too-slow-text = Ihre Verbindung hat zu lange zu wenig übertragen. Gehen Sie zurück und versuchen Sie es noch einmal, am besten mit einer besseren Verbindung.
too-large = Das ist zu groß
too-large-text = Was Sie gesendet haben, ist größer, als diese Website annimmt. Gehen Sie zurück und versuchen Sie es mit etwas Kleinerem.
uri-too-long = Diese Adresse ist zu lang
uri-too-long-text = Gehen Sie zurück oder beginnen Sie auf der ersten Seite neu.
headers-too-large = Ihr Browser hat zu viel auf einmal gesendet
headers-too-large-text = Meist sind es zu viele Cookies. Löschen Sie die Cookies dieser Website und öffnen Sie die Seite dann neu.
upstream-down = { $portal } antwortet nicht
upstream-down-text = Mit Ihrer Anmeldung hat das nichts zu tun. Die Seite versucht es alle 10 Sekunden von selbst wieder.
upstream-slow = { $portal } braucht zu lange
upstream-slow-text = Mit Ihrer Anmeldung hat das nichts zu tun. Was Sie gesendet haben, ist vielleicht trotzdem angekommen: Sehen Sie nach, bevor Sie es noch einmal senden.
unavailable = Wir können gerade nicht antworten
unavailable-text = Ein Teil von { $brand } ist überlastet oder nicht erreichbar. Meist vergeht das in Sekunden.
internal = Bei uns ist etwas schiefgegangen
internal-text = Der Fehler ist vermerkt. Versuchen Sie es noch einmal; kommt er wieder, nennen Sie Ihrer Administration die Anfrage-ID unten.

## Moments
when-now = gerade eben
when-minutes = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
}
when-hours = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
}
when-days = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
}
when-date = { $day }. { $month } { $year }
month = { $count ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}

## Mails
mail-code-subject = { $code } ist Ihr Code für { $brand }
mail-code-lead = Ihr Code: { $code }
mail-code-use = { $count ->
    [one] Geben Sie ihn auf der Seite ein, von der Sie kommen. Er gilt eine Minute.
   *[other] Geben Sie ihn auf der Seite ein, von der Sie kommen. Er gilt { $count } Minuten.
}
mail-code-other = Sie haben keinen Code angefordert? Dann hat sich jemand bei der Adresse vertippt, und Sie können diese Nachricht ignorieren. Geben Sie den Code nie weiter.
mail-known-subject = Sie haben schon eine { $brand }
mail-known-lead = Jemand, wahrscheinlich Sie, wollte mit dieser Adresse eine { $brand } erstellen. Es gibt sie schon; geändert wurde nichts.
mail-known-use = Hier melden Sie sich an:
mail-known-other = Das waren nicht Sie? Dann können Sie diese Nachricht ignorieren.
mail-new-subject = Ihre { $brand } ist bereit
mail-new-lead = Zu dieser Adresse gehört jetzt eine { $brand }. Eine Anmeldung öffnet alle Ihre Portale.
mail-new-use = Ihre Portale:
mail-new-other = Das waren nicht Sie? Dann liest jemand Ihre Post mit. Ändern Sie das Passwort Ihres Postfachs und sagen Sie Ihrer Administration Bescheid.
