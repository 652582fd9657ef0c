# The file's area is its name; see common.ftl for the conventions.

## Adresses
section-emails = Adresses e-mail
emails-title = Adresses e-mail
emails-lead = Vous pouvez vous connecter avec chacune d’elles. Nous écrivons à la principale, la seule que voient les portails.
primary = principale
proof-none = Pas encore confirmée
proof-provider = Confirmée par le service avec lequel vous vous êtes connecté
proof-mail = Confirmée par e-mail
proof-operator = Confirmée par votre administration
make-primary = Rendre principale
remove-address = Retirer
add-address-title = Ajouter une adresse
new-address = Nouvelle adresse
new-address-hint = Nous y envoyons un message, pour que vous seul puissiez l’ajouter.
add-address = Ajouter l’adresse
email-added = C’est fait. { $email } est à vous, et vous pouvez vous connecter avec.
email-primary-changed = C’est fait. { $email } est maintenant votre adresse principale, sur tous vos portails.
email-removed = C’est fait. { $email } ne fait plus partie de vos adresses.
email-cancelled = C’est fait. { $email } ne sera pas ajoutée.
address-pending = Pas encore ajoutée : il manque le code de notre message
pending-enter = Saisir le code
pending-cancel = Annuler
remove-title = Retirer { $email } ?
remove-text = Vous ne pourrez plus vous connecter avec cette adresse, ni retrouver de portails grâce à elle.
remove-portals = C’est par elle qu’on vous connaît sur { $portals }. Ce qui est réuni le reste, mais ce que vous séparerez plus tard ne pourra plus être réuni avec cette adresse.
email-elsewhere = { $email } est passée à un autre { $brand } pendant que le code était en route. Ici, rien n’a changé.
email-held = Cette adresse est déjà à vous.
email-gone = Cette adresse ne fait plus partie des vôtres. Voici la liste telle qu’elle est maintenant.
email-is-primary = Votre adresse principale reste. Rendez-en d’abord une autre principale.
emails-most = Un { $brand } compte jusqu’à { $count } adresses. Retirez-en une avant d’en ajouter une autre.
emails-waiting = Nous vous avons trouvé sur { $portals }.
emails-join = Voir
merge-link = Réunir les deux
merge-other = Vous avez un autre { $brand } ? Réunissez les deux

## Est-ce toujours vous ?
again-title = Est-ce toujours vous ?
again-lead = Ce que vous allez faire est important, montrez donc encore une fois que c’est bien vous.
again-code-instead = M’envoyer plutôt un code
again-by-code = Nous enverrons un code à six chiffres à { $email }.
again-send-code = Envoyer un code
again-no-way = Déconnectez-vous, reconnectez-vous, puis revenez ici dans les dix minutes.
again-done = Merci, c’est bien vous. Choisissez encore une fois ce que vous vouliez changer.
again-leave = Retour au profil
again-back = Retour

## Messages sur les adresses
mail-again-use = { $count ->
    [one] Saisissez-le pour montrer que c’est bien vous qui modifiez votre { $brand }. Il est valable une minute.
   *[other] Saisissez-le pour montrer que c’est bien vous qui modifiez votre { $brand }. Il est valable { $count } minutes.
}
mail-again-other = Vous ne modifiez rien en ce moment ? Quelqu’un d’autre utilise alors un navigateur où vous êtes connecté. Déconnectez-vous partout sur la page « Sessions », et ne donnez jamais le code à personne.
mail-add-use = { $count ->
    [one] Saisissez-le sur la page d’où vous venez, et cette adresse fera partie de votre { $brand }. Il est valable une minute.
   *[other] Saisissez-le sur la page d’où vous venez, et cette adresse fera partie de votre { $brand }. Il est valable { $count } minutes.
}
mail-add-other = Vous n’avez ajouté cette adresse à aucun { $brand } ? Quelqu’un s’est trompé en tapant la sienne, vous pouvez ignorer ce message. Ne donnez jamais le code à personne.
mail-held-subject = Cette adresse a déjà un { $brand }
mail-held-lead = Quelqu’un, sans doute vous, a voulu ajouter cette adresse à un autre { $brand }. Elle en a déjà un, rien n’a donc changé.
mail-held-use = Si les deux sont à vous, vous pouvez les réunir ici :
mail-held-other = Ce n’était pas vous ? Vous pouvez ignorer ce message.
mail-added-subject = Votre { $brand } a une nouvelle adresse
mail-added-lead = Une adresse a été ajoutée à votre { $brand }. Vous pouvez désormais vous connecter avec :
mail-primary-subject = Votre { $brand } a une autre adresse principale
mail-primary-lead = L’adresse principale de votre { $brand } a changé. Nous écrivons maintenant ici :
mail-removed-subject = Une adresse a été retirée de votre { $brand }
mail-removed-lead = Cette adresse a été retirée de votre { $brand }, et plus personne ne peut se connecter avec :
mail-changed-use = Ce n’était pas vous ? Demandez tout de suite un nouveau mot de passe avec cette adresse. Tous les autres seront déconnectés :
mail-changed-other = Vérifiez ensuite les adresses de votre profil. Si vous n’arrivez pas à entrer, prévenez votre administration. C’était vous ? Alors il n’y a rien à faire.

## De deux, un seul
merge-title = Réunir avec un autre { $brand }
merge-lead = Tout ce qui est à l’autre fera partie de celui-ci : adresses, moyens de connexion, portails. Vous gardez le mot de passe et l’adresse principale de celui-ci.
merge-other-email = Adresse e-mail de l’autre
merge-other-password = Mot de passe de l’autre
merge-code-instead = Envoyer un code à cette adresse
merge-code-sent = Si { $email } appartient à un autre { $brand }, un message avec un code à six chiffres est en route. Cela peut prendre une minute ; regardez aussi dans les indésirables.
merge-own = Cette adresse fait partie du { $brand } avec lequel vous êtes connecté. Indiquez-en une de l’autre.
merge-history = Réunis jusqu’ici
merge-at = Réuni
merge-undone-at = Annulé
merge-undo = Annuler
merge-done = C’est fait. Les deux ne font plus qu’un.
merge-done-portals = C’est fait. Une seule connexion ouvre maintenant { $portals }.
merge-undo-done = C’est annulé. L’autre { $brand } a retrouvé ce qui était à lui, et son mot de passe est de nouveau valable.
merge-undo-impossible = On ne peut pas l’annuler maintenant. Soit il ne reste aucune de ses adresses à rendre, soit ce { $brand } a lui-même été réuni à un autre depuis.
merge-gone = Quelque chose a changé entre-temps, rien n’a donc été fait. Recommencez à partir d’ici.
merge-review-title = Regardez avant de réunir
merge-review-lead = { $other } va faire partie de { $own }.
merge-changed = Quelque chose a changé depuis votre dernier coup d’œil. Voici ce qui se passerait maintenant.
merge-addresses = Adresses qui viennent ici
merge-ways = Moyens de connexion
merge-password-ends = Le mot de passe de l’autre ne sera plus valable. Le vôtre ouvrira tout.
merge-password-stays = Votre mot de passe reste tel qu’il est.
merge-portals = Portails qui viennent ici
merge-both = Portails qui connaissent les deux
merge-both-hint = Sur un portail, vous êtes une seule personne. Choisissez qui reste ; l’autre redevient libre.
merge-undo-hint = Les navigateurs de l’autre sont déconnectés. Vous pourrez tout annuler plus tard, sur la page d’où vous venez.
merge-now = Réunir
merge-not = Ne pas réunir

## Messages sur la réunion
mail-merge-use = { $count ->
    [one] Saisissez-le pour montrer que ce { $brand } est à vous et qu’il peut être réuni à celui avec lequel vous êtes connecté. Il est valable une minute.
   *[other] Saisissez-le pour montrer que ce { $brand } est à vous et qu’il peut être réuni à celui avec lequel vous êtes connecté. Il est valable { $count } minutes.
}
mail-merge-other = Vous ne réunissez rien ? Quelqu’un d’autre veut alors ce qui appartient à cette adresse. Ne donnez jamais le code à personne, et il ne se passera rien.
mail-unmergeable-subject = Cette adresse n’a pas de { $brand }
mail-unmergeable-lead = Quelqu’un, sans doute vous, a voulu réunir le { $brand } de cette adresse à un autre. Il n’y en a pas, rien n’a donc changé.
mail-unmergeable-use = Si vous voulez seulement vous connecter avec cette adresse, ajoutez-la ici :
mail-merged-subject = Deux ne font plus qu’un
mail-merged-lead = Un autre { $brand } fait maintenant partie du vôtre. Ces adresses sont venues avec lui :
mail-merged-use = Vous pouvez le voir et l’annuler ici :
mail-merged-other = Ce n’était pas vous ? Demandez tout de suite un nouveau mot de passe ; tous les autres seront déconnectés. Si vous n’arrivez pas à entrer, prévenez votre administration.
mail-away-subject = Votre { $brand } fait maintenant partie d’un autre
mail-away-lead = Vos adresses et vos portails appartiennent maintenant au { $brand } qui a cette adresse :
mail-away-use = Connectez-vous désormais là-bas. Ce n’était pas vous ? Demandez ici un nouveau mot de passe avec cette adresse :
mail-away-other = Il vous fait entrer dans l’autre et déconnecte tous les autres ; vous pourrez y annuler la réunion. Si cela échoue, prévenez votre administration, qui peut aussi l’annuler.
mail-unmerged-subject = Votre { $brand } est de nouveau à part
mail-unmerged-lead = La réunion a été annulée. Chaque { $brand } a retrouvé ses adresses, ses portails et son mot de passe.
mail-unmerged-use = Connectez-vous avec celui qu’il vous faut :
mail-unmerged-other = Ce n’était pas vous ? Demandez un nouveau mot de passe pour les deux.
