# Konten bei Anbietern. Regeln: siehe common.ftl; { $provider } ist der Name eines Anbieters.

## Knöpfe
section-social = Soziale Konten
social-or = oder
social-with = Weiter mit { $provider }
social-cancelled = Bei { $provider } wurde abgebrochen. Melden Sie sich anders an, oder versuchen Sie es noch einmal.

## Ein Anbieter hat niemanden angemeldet
social-failed-title = Keine Anmeldung über { $provider }
social-refused = Die Antwort von { $provider } ist nicht gültig, deshalb wurde niemand angemeldet. Oft hilft ein neuer Versuch.
social-stale = Diese Anmeldung begann in einem anderen Browser oder vor zu langer Zeit. Beginnen Sie neu.
social-unreachable-title = { $provider } ist nicht erreichbar
social-unreachable = { $provider } antwortet gerade nicht. Versuchen Sie es gleich noch einmal, oder melden Sie sich anders an.
social-too-many = Das waren viele Versuche. Warten Sie einige Minuten, oder melden Sie sich anders an.
social-not-allowed = Mit dieser { $brand } kann man sich nicht anmelden. Fragen Sie die Betreiber, oder nehmen Sie eine andere.
social-other-way = Anders anmelden

## Ein Wort von Ihnen
social-address-title = Ihre E-Mail-Adresse
social-address-lead = { $provider } hat uns keine Adresse genannt. Geben Sie Ihre ein; wir senden einen Code dorthin.
social-confirm-title = Sie haben schon eine { $brand }
social-confirm-lead = { $email } gehört zu einer { $brand }. Zeigen Sie, dass es Ihre ist, dann öffnet auch { $provider } sie.
social-send-code = Code an diese Adresse senden
social-no-match = Das ist nicht das Passwort dieser { $brand }. Prüfen Sie es, oder lassen Sie sich einen Code senden.
social-belongs-title = Dieses Konto bei { $provider } öffnet eine andere { $brand }
social-belongs-lead = Es öffnet { $owner }.
social-belongs-told = { $provider } nennt { $email }; das ist eine andere.
social-go-on = Weiter als { $owner }
social-merge-hint = Beide Ihre?
social-merge = Beide zusammenführen
social-cancel = Abbrechen

## Was verbunden ist
social-title = Soziale Konten
social-lead = Konten anderswo, die Ihre { $brand } öffnen.
social-none = Noch ist nichts verbunden.
social-linked = Fertig. { $provider } öffnet jetzt Ihre { $brand }.
social-already = { $provider } war schon verbunden. Nichts hat sich geändert.
social-unlinked = Fertig. { $provider } öffnet Ihre { $brand } nicht mehr.
social-elsewhere = Dieses Konto bei { $provider } öffnet eine andere { $brand } und bleibt dort.
social-not-finished = Bei { $provider } wurde abgebrochen. Nichts hat sich geändert.
social-confirmed = Danke. In den nächsten Minuten können Sie Konten verbinden und trennen.
social-last-way = Ohne dieses Konto könnten Sie sich nicht mehr anmelden. Setzen Sie erst ein Passwort, oder verbinden Sie ein anderes.
social-gone = Dieses Konto ist nicht mehr verbunden.
social-since = Verbunden
social-never-used = noch nicht benutzt
social-disconnect = Trennen
social-connect-title = Ein Konto verbinden
social-connect = { $provider } verbinden

## E-Mails
mail-linked-subject = { $brand }: { $provider } wurde verbunden
mail-linked-lead = Ein Konto bei { $provider } öffnet jetzt Ihre { $brand }.
mail-links-use = Was verbunden ist, sehen Sie hier:
mail-linked-other = Das waren nicht Sie? Trennen Sie es dort, und ändern Sie Ihr Passwort.
mail-unlinked-subject = { $brand }: { $provider } wurde getrennt
mail-unlinked-lead = Ein Konto bei { $provider } öffnet Ihre { $brand } nicht mehr.
mail-unlinked-other = Das waren nicht Sie? Melden Sie sich an, melden Sie überall sonst ab, und ändern Sie Ihr Passwort.
