# Comptes chez d'autres services. Conventions : common.ftl ; { $provider } est le nom d'un service.

## Boutons
section-social = Comptes sociaux
social-or = ou
social-with = Continuer avec { $provider }
social-cancelled = Vous n'êtes pas allé au bout chez { $provider }. Connectez-vous autrement ou réessayez.

## Le service n'a identifié personne
social-failed-title = Pas de connexion avec { $provider }
social-refused = La réponse de { $provider } n'est pas valable, personne n'a donc été connecté. Réessayer suffit souvent.
social-stale = Cette connexion a commencé dans un autre navigateur ou il y a trop longtemps. Recommencez.
social-unreachable-title = { $provider } ne répond pas
social-unreachable = { $provider } ne répond pas pour le moment. Réessayez dans un instant ou connectez-vous autrement.
social-too-many = Cela fait beaucoup d'essais. Attendez quelques minutes ou connectez-vous autrement.
social-not-allowed = Ce { $brand } ne permet pas de se connecter. Demandez à ceux qui le gèrent ou prenez-en un autre.
social-other-way = Se connecter autrement

## Un mot de vous
social-address-title = Votre adresse e-mail
social-address-lead = { $provider } ne nous a donné aucune adresse. Saisissez la vôtre : nous y enverrons un code.
social-confirm-title = Vous avez déjà un { $brand }
social-confirm-lead = { $email } appartient à un { $brand }. Montrez qu'il est à vous et { $provider } l'ouvrira aussi.
social-send-code = Envoyer un code à cette adresse
social-no-match = Ce n'est pas le mot de passe de ce { $brand }. Vérifiez-le ou demandez un code.
social-belongs-title = Ce compte { $provider } ouvre un autre { $brand }
social-belongs-lead = Il ouvre { $owner }.
social-belongs-told = { $provider } indique { $email }, qui en est un autre.
social-go-on = Continuer avec { $owner }
social-merge-hint = Les deux sont à vous ?
social-merge = Réunir les deux
social-cancel = Annuler

## Ce qui est relié
social-title = Comptes sociaux
social-lead = Les comptes d'ailleurs qui ouvrent votre { $brand }.
social-none = Rien n'est encore relié.
social-linked = C'est fait. { $provider } ouvre maintenant votre { $brand }.
social-already = { $provider } était déjà relié. Rien n'a changé.
social-unlinked = C'est fait. { $provider } n'ouvre plus votre { $brand }.
social-elsewhere = Ce compte { $provider } ouvre un autre { $brand } et y reste.
social-not-finished = Vous n'êtes pas allé au bout chez { $provider }. Rien n'a changé.
social-confirmed = Merci. Pendant quelques minutes, vous pouvez relier et délier des comptes.
social-last-way = Sans lui, vous ne pourriez plus vous connecter. Choisissez d'abord un mot de passe ou reliez un autre compte.
social-gone = Ce compte n'est plus relié.
social-since = Relié
social-never-used = pas encore utilisé
social-disconnect = Délier
social-connect-title = Relier un compte
social-connect = Relier { $provider }

## E-mails
mail-linked-subject = { $brand } : { $provider } a été relié
mail-linked-lead = Un compte { $provider } ouvre maintenant votre { $brand }.
mail-links-use = Voyez ce qui est relié :
mail-linked-other = Ce n'était pas vous ? Déliez-le sur cette page et changez votre mot de passe.
mail-unlinked-subject = { $brand } : { $provider } a été délié
mail-unlinked-lead = Un compte { $provider } n'ouvre plus votre { $brand }.
mail-unlinked-other = Ce n'était pas vous ? Connectez-vous, déconnectez tout le reste et changez votre mot de passe.
