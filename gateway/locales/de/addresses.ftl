# The file's area is its name; see common.ftl for the conventions.

## Adressen
section-emails = E-Mail-Adressen
emails-title = E-Mail-Adressen
emails-lead = Mit jeder davon können Sie sich anmelden. Unsere Mails gehen an die Hauptadresse; nur diese zeigen wir den Portalen.
primary = Hauptadresse
proof-none = Noch nicht bestätigt
proof-provider = Bestätigt vom Dienst, mit dem Sie sich angemeldet haben
proof-mail = Per Mail bestätigt
proof-operator = Bestätigt von Ihrer Administration
make-primary = Zur Hauptadresse machen
remove-address = Entfernen
add-address-title = Adresse hinzufügen
new-address = Neue Adresse
new-address-hint = Dorthin schicken wir eine Nachricht, damit niemand außer Ihnen Ihre Adresse eintragen kann.
add-address = Adresse hinzufügen
email-added = Fertig. { $email } gehört jetzt zu Ihnen, und Sie können sich damit anmelden.
email-primary-changed = Fertig. { $email } ist jetzt Ihre Hauptadresse, auf allen Ihren Portalen.
email-removed = Fertig. { $email } gehört hier nicht mehr zu Ihnen.
email-cancelled = Fertig. { $email } wird nicht hinzugefügt.
address-pending = Noch nicht hinzugefügt: Der Code aus unserer Nachricht fehlt noch
pending-enter = Code eingeben
pending-cancel = Abbrechen
remove-title = { $email } entfernen?
remove-text = Sie können sich dann nicht mehr damit anmelden, und kein Portal wird mehr darüber gefunden.
remove-portals = Unter dieser Adresse kennt man Sie auf { $portals }. Was verbunden ist, bleibt verbunden; was Sie später lösen, lässt sich über sie aber nicht wieder verbinden.
email-elsewhere = { $email } ging an eine andere { $brand }, während der Code unterwegs war. Hier hat sich nichts geändert.
email-held = Diese Adresse gehört schon zu Ihnen.
email-gone = Diese Adresse ist nicht mehr unter Ihren. Hier steht die Liste, wie sie jetzt ist.
email-is-primary = Ihre Hauptadresse bleibt. Machen Sie zuerst eine andere zur Hauptadresse.
emails-most = Zu einer { $brand } gehören bis zu { $count } Adressen. Entfernen Sie eine, bevor Sie eine weitere hinzufügen.
emails-waiting = Wir haben Sie auf { $portals } gefunden.
emails-join = Ansehen
merge-link = Beide zusammenführen
merge-other = Sie haben noch eine { $brand }? Beide zusammenführen

## Sind Sie es noch?
again-title = Sind Sie es noch?
again-lead = Was Sie vorhaben, ist wichtig. Zeigen Sie deshalb bitte noch einmal, dass Sie es sind.
again-code-instead = Lieber einen Code schicken
again-by-code = Wir schicken einen sechsstelligen Code an { $email }.
again-send-code = Code schicken
again-no-way = Melden Sie sich ab und wieder an, und kommen Sie dann innerhalb von zehn Minuten hierher zurück.
again-done = Danke, Sie sind es. Wählen Sie nun noch einmal, was Sie ändern wollten.
again-leave = Zurück zum Profil
again-back = Zurück

## Mails über Adressen
mail-again-use = { $count ->
    [one] Geben Sie ihn ein, um zu zeigen, dass Sie es sind, wenn sich an Ihrer { $brand } etwas ändert. Er gilt eine Minute.
   *[other] Geben Sie ihn ein, um zu zeigen, dass Sie es sind, wenn sich an Ihrer { $brand } etwas ändert. Er gilt { $count } Minuten.
}
mail-again-other = Sie ändern gerade gar nichts? Dann benutzt jemand anderes einen Browser, in dem Sie angemeldet sind. Melden Sie sich auf der Seite „Sitzungen“ überall ab, und geben Sie den Code nie weiter.
mail-add-use = { $count ->
    [one] Geben Sie ihn auf der Seite ein, von der Sie kommen, dann gehört diese Adresse zu Ihrer { $brand }. Er gilt eine Minute.
   *[other] Geben Sie ihn auf der Seite ein, von der Sie kommen, dann gehört diese Adresse zu Ihrer { $brand }. Er gilt { $count } Minuten.
}
mail-add-other = Sie haben diese Adresse keiner { $brand } hinzugefügt? Dann hat sich jemand vertippt, und Sie können diese Nachricht ignorieren. Geben Sie den Code nie weiter.
mail-held-subject = Zu dieser Adresse gibt es schon eine { $brand }
mail-held-lead = Jemand, wahrscheinlich Sie, wollte diese Adresse einer anderen { $brand } hinzufügen. Sie gehört schon zu einer, also hat sich nichts geändert.
mail-held-use = Wenn beide Ihnen gehören, können Sie sie hier zusammenführen:
mail-held-other = Das waren nicht Sie? Dann können Sie diese Nachricht ignorieren.
mail-added-subject = Ihre { $brand } hat eine neue Adresse
mail-added-lead = Zu Ihrer { $brand } kam eine Adresse hinzu. Ab jetzt können Sie sich damit anmelden:
mail-primary-subject = Ihre { $brand } hat eine andere Hauptadresse
mail-primary-lead = Die Hauptadresse Ihrer { $brand } hat sich geändert. Unsere Mails gehen jetzt hierhin:
mail-removed-subject = Eine Adresse wurde aus Ihrer { $brand } entfernt
mail-removed-lead = Diese Adresse wurde aus Ihrer { $brand } entfernt, niemand kann sich mehr damit anmelden:
mail-changed-use = Das waren nicht Sie? Dann holen Sie sich mit dieser Adresse sofort ein neues Passwort. Alle anderen werden damit abgemeldet:
mail-changed-other = Sehen Sie danach im Profil Ihre Adressen durch. Kommen Sie nicht hinein, wenden Sie sich an Ihre Administration. Das waren Sie? Dann ist nichts zu tun.

## Aus zweien wird eine
merge-title = Mit einer anderen { $brand } zusammenführen
merge-lead = Alles von der anderen gehört danach zu dieser: Adressen, Anmeldewege, Portale. Passwort und Hauptadresse von dieser bleiben.
merge-other-email = E-Mail-Adresse der anderen
merge-other-password = Passwort der anderen
merge-code-instead = Code an diese Adresse schicken
merge-code-sent = Wenn { $email } zu einer anderen { $brand } gehört, ist eine Nachricht mit einem sechsstelligen Code dorthin unterwegs. Das kann eine Minute dauern; sehen Sie auch im Spam nach.
merge-own = Diese Adresse gehört zu der { $brand }, mit der Sie angemeldet sind. Geben Sie eine der anderen ein.
merge-history = Bisher zusammengeführt
merge-at = Zusammengeführt
merge-undone-at = Rückgängig gemacht
merge-undo = Rückgängig machen
merge-done = Fertig. Aus beiden ist eine geworden.
merge-done-portals = Fertig. Eine Anmeldung öffnet jetzt { $portals }.
merge-undo-done = Rückgängig gemacht. Die andere { $brand } hat wieder, was ihr gehörte, und ihr Passwort gilt wieder.
merge-undo-impossible = Das lässt sich jetzt nicht rückgängig machen. Entweder ist keine ihrer Adressen mehr übrig, oder diese { $brand } wurde seither selbst zusammengeführt.
merge-gone = Inzwischen hat sich etwas geändert, darum ist nichts geschehen. Fangen Sie hier noch einmal an.
merge-review-title = Vor dem Zusammenführen
merge-review-lead = { $other } wird Teil von { $own }.
merge-changed = Seit Sie zuletzt nachgesehen haben, hat sich etwas geändert. Das würde jetzt geschehen.
merge-addresses = Adressen, die hierher kommen
merge-ways = Anmeldewege
merge-password-ends = Das Passwort der anderen gilt nicht mehr. Ihres öffnet alles.
merge-password-stays = Ihr Passwort bleibt, wie es ist.
merge-portals = Portale, die hierher kommen
merge-both = Portale, die beide kennen
merge-both-hint = Auf einem Portal sind Sie eine Person. Wählen Sie, wer bleibt; die andere wird wieder frei.
merge-undo-hint = Die Browser der anderen werden abgemeldet. Auf der Seite, von der Sie kommen, können Sie später alles rückgängig machen.
merge-now = Zusammenführen
merge-not = Nicht zusammenführen

## Mails über das Zusammenführen
mail-merge-use = { $count ->
    [one] Geben Sie ihn ein, um zu zeigen, dass diese { $brand } Ihnen gehört und mit der zusammengeführt werden darf, mit der Sie angemeldet sind. Er gilt eine Minute.
   *[other] Geben Sie ihn ein, um zu zeigen, dass diese { $brand } Ihnen gehört und mit der zusammengeführt werden darf, mit der Sie angemeldet sind. Er gilt { $count } Minuten.
}
mail-merge-other = Sie führen gar nichts zusammen? Dann will jemand anderes haben, was zu dieser Adresse gehört. Geben Sie den Code nie weiter, dann geschieht nichts.
mail-unmergeable-subject = Zu dieser Adresse gibt es keine { $brand }
mail-unmergeable-lead = Jemand, wahrscheinlich Sie, wollte die { $brand } dieser Adresse mit einer anderen zusammenführen. Es gibt keine, also hat sich nichts geändert.
mail-unmergeable-use = Wenn Sie sich nur mit dieser Adresse anmelden möchten, fügen Sie sie hier hinzu:
mail-merged-subject = Aus zweien ist eine geworden
mail-merged-lead = Eine andere { $brand } gehört jetzt zu Ihrer. Diese Adressen kamen mit ihr:
mail-merged-use = Hier können Sie nachsehen und es rückgängig machen:
mail-merged-other = Das waren nicht Sie? Dann holen Sie sich sofort ein neues Passwort; alle anderen werden damit abgemeldet. Kommen Sie nicht hinein, wenden Sie sich an Ihre Administration.
mail-away-subject = Ihre { $brand } gehört jetzt zu einer anderen
mail-away-lead = Ihre Adressen und Portale gehören jetzt zu der { $brand } mit dieser Adresse:
mail-away-use = Melden Sie sich künftig dort an. Das waren nicht Sie? Dann holen Sie sich hier mit dieser Adresse ein neues Passwort:
mail-away-other = Es führt Sie in die andere hinein und meldet alle anderen ab; dort können Sie es rückgängig machen. Gelingt das nicht, wenden Sie sich an Ihre Administration, die es ebenfalls rückgängig machen kann.
mail-unmerged-subject = Ihre { $brand } ist wieder für sich
mail-unmerged-lead = Das Zusammenführen wurde rückgängig gemacht. Jede { $brand } hat wieder ihre Adressen und Portale und ihr eigenes Passwort.
mail-unmerged-use = Melden Sie sich mit der an, die Sie brauchen:
mail-unmerged-other = Das waren nicht Sie? Holen Sie sich für beide ein neues Passwort.
