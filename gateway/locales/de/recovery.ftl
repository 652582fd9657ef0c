# The file's area is its name; see common.ftl for the conventions.

## Passwords
password-guessable = Dieses Passwort ist zu leicht zu erraten. Fügen Sie ein, zwei Wörter hinzu, die nicht zusammengehören.
passwords-differ = Das stimmt nicht mit dem Passwort darüber überein. Geben Sie es noch einmal ein.
new-password-again = Neues Passwort, noch einmal
no-password-yet = Diese { $brand } hat noch kein Passwort.
no-password-do = Wir schicken Ihnen eine Nachricht, mit der Sie eines festlegen.
set-password = Passwort festlegen

## Asking for a new password
forgot-password = Passwort vergessen?
sign-in-no-match-or-new = E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beides oder holen Sie sich ein neues Passwort.
forgot-title = Neues Passwort
forgot-lead = Geben Sie Ihre E-Mail-Adresse ein. Wir schicken eine Nachricht, mit der Sie ein neues Passwort wählen.
send = Senden
back-to-sign-in = Zurück zur Anmeldung

## The checkword
checkword-sent = Wenn { $email } zu einer { $brand } gehört, ist eine Nachricht unterwegs. Das kann eine Minute dauern; sehen Sie auch im Spam nach.
checkword-resent = Eine neue Nachricht ist unterwegs. Das Prüfwort aus der früheren gilt nicht mehr.
checkword = Prüfwort
checkword-hint = Aus der Nachricht; Großschreibung und Bindestriche sind egal. Oder öffnen Sie den Link darin.
resend-message-in = Neue Nachricht in
resend-message = Neue Nachricht senden
checkword-no-match = Das ist nicht das Prüfwort aus der neuesten Nachricht. Prüfen Sie es und versuchen Sie es noch einmal.
checkword-outdated = Das ist aus einer früheren Nachricht
checkword-outdated-text = Nehmen Sie die von { $time } oder lassen Sie sich eine neue schicken.
checkword-used = Das wurde schon benutzt
checkword-used-text = Das Passwort ist seitdem festgelegt. Melden Sie sich damit an.
checkword-expired = Dieser Link ist zu alt
checkword-expired-text = { $count ->
    [1] Dieser Link ist älter als eine Minute. Wir können einen neuen schicken.
    [60] Dieser Link ist älter als eine Stunde. Wir können einen neuen schicken.
   *[other] Dieser Link ist älter als { $count } Minuten. Wir können einen neuen schicken.
}
checkword-unknown = Dieser Link geht nicht
checkword-unknown-text = Vielleicht ist er unvollständig oder für eine andere Seite gedacht. Wir können einen neuen schicken.
checkword-was-for = Gesendet wurde er an { $email }.

## The new password
new-password-title = Wählen Sie ein neues Passwort
new-password-lead = Es öffnet alle Ihre Portale und meldet Sie überall sonst ab.
password-set-title = Ihr Passwort ist neu
password-set-text = { $count ->
    [0] Alle anderen Browser sind abgemeldet.
    [1] Es öffnet Ihr Portal. Alle anderen Browser sind abgemeldet.
    [2] Es gilt auf beiden Portalen. Alle anderen Browser sind abgemeldet.
   *[other] Es gilt auf allen { $count } Portalen. Alle anderen Browser sind abgemeldet.
}
password-set-notice = Eine Nachricht darüber ist unterwegs an { $email }.
password-set-also = Auch das öffnet Ihre { $brand }: { $list }. Entfernen Sie, was nicht Ihnen gehört.
continue-to = Weiter zu { $portal }

## Mails
mail-checkword-subject = Ein neues Passwort für Ihre { $brand }
mail-checkword-lead = Ihr Prüfwort: { $code }
mail-checkword-email = E-Mail: { $email }
mail-checkword-portal-name = { $portal }: { $name }
mail-checkword-portal-user = { $portal }: Benutzername { $user }
mail-checkword-portal-both = { $portal }: { $name }, Benutzername { $user }
mail-checkword-use = { $count ->
    [1] Geben Sie das Prüfwort auf der Seite ein, von der Sie kommen, oder öffnen Sie diesen Link und wählen Sie ein neues Passwort. Es gilt einmal und eine Minute lang.
   *[other] Geben Sie das Prüfwort auf der Seite ein, von der Sie kommen, oder öffnen Sie diesen Link und wählen Sie ein neues Passwort. Es gilt einmal und { $count } Minuten lang.
}
mail-checkword-other = Sie haben das nicht angefordert? Dann hat sich jemand bei der Adresse vertippt, und Sie können diese Nachricht ignorieren: Ihr Passwort bleibt, wie es ist. Geben Sie das Prüfwort nie weiter.
mail-password-subject = Das Passwort Ihrer { $brand } wurde geändert
mail-password-lead = Ihre { $brand } hat ein neues Passwort. Es gilt auf allen Ihren Portalen, und alle anderen Browser sind abgemeldet.
mail-password-also = Außerdem führt hinein: { $list }
mail-password-use = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, legen Sie hier ein anderes Passwort fest:
mail-password-other = Das waren nicht Sie? Dann liest vielleicht jemand Ihre Post mit: Ändern Sie auch das Passwort Ihres Postfachs und sagen Sie Ihrer Administration Bescheid.
