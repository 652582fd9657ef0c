# Die erste Anmeldung und die Seite über die Portale; Grundsätze in common.ftl.

## Aufzählungen
list-and = { $rest } und { $last }
list-and-i = { $rest } und { $last }

## Adresse bestätigen
welcome-title = Willkommen
prove-title = Bestätigen Sie Ihre Adresse
prove-portals = Ihr Passwort öffnet { $portals }. Zeigen Sie, dass diese Adresse Ihnen gehört; dann öffnet eine Anmeldung jedes Portal, das sie kennt.
prove-other-password = Das ist Ihr Passwort bei { $portals }, nicht das Ihrer { $brand }. Zeigen Sie, dass diese Adresse Ihnen gehört, und verbinden Sie: Danach melden Sie sich dort an wie mit Ihrer { $brand }, und dieses Passwort gilt nicht mehr.
prove-provider = Bevor es mit { $provider } weitergeht: Zeigen Sie, dass diese Adresse Ihnen gehört.
prove-unproved = Sie haben noch nicht gezeigt, dass { $email } Ihnen gehört. Tun Sie es; dann öffnet eine Anmeldung jedes Portal, das diese Adresse kennt.
prove-send = Code senden
prove-no-mail = An { $email } lässt sich gerade keine Nachricht senden. Warten Sie eine Minute und fordern Sie dann einen Code an.
prove-impossible = Dieser Dienst versendet keine Nachrichten, deshalb lässt sich { $email } hier nicht bestätigen. Ihre Administration hilft weiter.
prove-later = Nur zu { $portal }, später bestätigen
prove-later-hint = Bis Sie die Adresse bestätigen, öffnet sich sonst nichts.
prove-later-taken = Mit { $email } hat sich schon jemand angemeldet, ohne die Adresse zu bestätigen. Bestätigen Sie sie; dann gehört sie Ihnen allein.
prove-later-gone = Dieses Portal kennt Sie unter dieser Adresse nicht mehr; dorthin geht es deshalb nicht weiter.
prove-sign-in = Mit dem Passwort Ihrer { $brand } anmelden
not-now = Jetzt nicht
unproved-note = Ihre Adresse ist noch nicht bestätigt, deshalb öffnet sich nur ein Portal.

## Wo es endet
code-elsewhere = Geben Sie diesen Code dort ein, wo Sie begonnen haben
code-elsewhere-text = Er gilt nur in dem Browser, der ihn angefordert hat: Gehen Sie zu jener Seite zurück und geben Sie ihn dort ein. Verbraucht ist nichts. Wenn Sie keinen Code angefordert haben, geben Sie ihn nicht weiter.
code-elsewhere-next = Stattdessen hier anmelden
welcome-refused = Mit dieser { $brand } geht keine Anmeldung
welcome-refused-text = Sie wurde gesperrt oder wird bald gelöscht. Ihre Administration hilft weiter.
linked-elsewhere = Dieses Konto bei { $provider } öffnet eine andere { $brand }
linked-elsewhere-text = Über { $provider } kommen Sie zu jener. Um es hier zu verwenden, trennen Sie es zuerst dort.

## Verbinden
join-title = { $count ->
    [one] Ein Portal kennt Sie
   *[other] { $count } Portale kennen Sie
}
join-lead = { $count ->
    [one] Es kennt { $email }. Verbinden Sie es; dann öffnet es sich mit Ihrer { $brand }.
   *[other] Sie kennen { $email }. Verbinden Sie sie; dann öffnet eine Anmeldung alle.
}
join-which = Dieses Portal hat Ihre Adresse mehrmals. Wer davon sind Sie?
join-none-of-these = Niemand davon
join = Verbinden
join-hint = Auf der Seite „{ $page }“ können Sie das jederzeit rückgängig machen.
join-ahead = Wenn Sie es nicht verbinden, öffnet sich { $portal } nicht.
join-none-ticked = { $count ->
    [one] Kreuzen Sie das Portal an, oder wählen Sie „Jetzt nicht“.
   *[other] Kreuzen Sie mindestens ein Portal an, oder wählen Sie „Jetzt nicht“.
}
join-password = { $count ->
    [one] Sie öffnen es mit dem Passwort Ihrer { $brand }. Das bisherige dort gilt nicht mehr.
   *[other] Sie öffnen sie mit dem Passwort Ihrer { $brand }. Die bisherigen dort gelten nicht mehr.
}
join-password-typed = { $count ->
    [one] Das eben benutzte Passwort ist jetzt das Ihrer { $brand } und öffnet dieses Portal, sobald Sie es verbinden.
   *[other] Das eben benutzte Passwort ist jetzt das Ihrer { $brand } und öffnet jedes Portal, das Sie verbinden. Die bisherigen bei den anderen gelten nicht mehr.
}
join-password-none = { $count ->
    [one] Sie öffnen es so, wie Sie sich bei Ihrer { $brand } anmelden. Ein bisheriges Passwort dort gilt nicht mehr.
   *[other] Sie öffnen sie so, wie Sie sich bei Ihrer { $brand } anmelden. Bisherige Passwörter dort gelten nicht mehr.
}
joined = Erledigt. Eine Anmeldung öffnet jetzt { $portals }.
joined-many = { $count ->
    [one] Erledigt. Eine Anmeldung öffnet jetzt ein Portal.
   *[other] Erledigt. Eine Anmeldung öffnet jetzt { $count } Portale.
}
no-access-found = Bei { $portal } gibt es ein Profil mit Ihrer Adresse. Verbinden Sie es, und Sie sind drin.

## Die Seite über die Portale
manage-portals = Wer Sie auf Ihren Portalen sind
manage-portals-lead = Was Ihre { $brand } öffnet und als wen.
opened-title = Mit einer Anmeldung offen
how-added = Vom Portal aufgenommen,
how-address = Verbunden, weil Ihre Adresse dort bekannt ist,
how-password = Verbunden mit dem Passwort des Portals,
how-operator = Von der Administration verbunden,
how-invited = Sie haben eine Einladung angenommen,
how-created = Von Ihnen angelegt,
portal-is-told = Das Portal erfährt: { $who }
portal-record = Profil im Portal: { $who }
undo = Verbindung lösen
undo-title = Verbindung mit { $portal } lösen?
undo-text = Ihre { $brand } öffnet { $portal } dann nicht mehr. Das Profil dort ({ $name }) bleibt, wie es ist.
undo-again = Sie können es später wieder verbinden.
undo-again-with = Das Portal kennt Sie mit { $email }; diese Adresse gehört nicht zu Ihren. Wieder verbinden können Sie es erst, wenn Sie sie hinzufügen.
undo-not-again = Das Portal hat keine Adresse von Ihnen; selbst können Sie es also nicht wieder verbinden. Wer es führt, müsste Sie wieder aufnehmen.
undo-keep = Behalten
unjoined = Erledigt. Ihre { $brand } öffnet { $portal } nicht mehr.
journal-title = Verlauf
journal-address = Sie haben { $portal } verbunden; Ihre Adresse ist dort bekannt.
journal-password = Sie haben { $portal } mit dem Passwort des Portals verbunden.
journal-operator = Die Administration hat { $portal } verbunden.
journal-undone = Sie haben die Verbindung mit { $portal } gelöst.
journal-undone-operator = Die Verbindung mit { $portal } wurde für Sie gelöst.

## Nachrichten
mail-joining-portals = { $count ->
    [one] Nach der Eingabe wählen Sie, ob Sie { $portals } verbinden.
   *[other] Nach der Eingabe wählen Sie, welche davon Sie verbinden: { $portals }.
}
mail-joining-use = { $count ->
    [one] Geben Sie ihn auf der Seite ein, von der Sie kommen, oder öffnen Sie diesen Link im selben Browser. Er gilt eine Minute.
   *[other] Geben Sie ihn auf der Seite ein, von der Sie kommen, oder öffnen Sie diesen Link im selben Browser. Er gilt { $count } Minuten.
}
mail-joining-other = Sie wollten sich nicht anmelden? Dann geben Sie den Code nicht weiter: Mit ihm kommt jemand anderes in Ihre Portale. Sonst können Sie diese Nachricht ignorieren.
mail-new-password = Das Passwort dazu ist das, mit dem Sie sich eben angemeldet haben. Es gilt auf jedem Portal, das Sie verbinden.
mail-joined-subject = { $count ->
    [one] Neues Portal in Ihrer { $brand }
   *[other] Neue Portale in Ihrer { $brand }
}
mail-joined-lead = { $count ->
    [one] Eine Anmeldung öffnet jetzt auch dieses Portal:
   *[other] Eine Anmeldung öffnet jetzt auch diese Portale:
}
mail-joined-use = { $count ->
    [one] Sie öffnen es so, wie Sie sich bei Ihrer { $brand } anmelden; ein bisheriges Passwort dort gilt nicht mehr. Ansehen oder rückgängig machen:
   *[other] Sie öffnen sie so, wie Sie sich bei Ihrer { $brand } anmelden; bisherige Passwörter dort gelten nicht mehr. Ansehen oder rückgängig machen:
}
mail-joined-other = Das waren nicht Sie? Machen Sie es dort rückgängig und ändern Sie Ihr Passwort.
mail-unjoined-subject = { $portal } gehört nicht mehr zu Ihrer { $brand }
mail-unjoined-lead = Die Verbindung mit { $portal } wurde gelöst. Ihr Profil dort bleibt, wie es ist.
mail-unjoined-use = Ihre Portale:
mail-unjoined-other = Das waren nicht Sie? Ändern Sie Ihr Passwort.
