# La première connexion et la page des portails ; principes dans common.ftl.

## Listes
list-and = { $rest } et { $last }
list-and-i = { $rest } et { $last }

## Prouver l’adresse
welcome-title = Bienvenue
prove-title = Prouvez votre adresse
prove-portals = Votre mot de passe ouvre { $portals }. Montrez que cette adresse est la vôtre, et une seule connexion ouvrira tous les portails qui la connaissent.
prove-other-password = C’est votre mot de passe sur { $portals }, pas celui de votre { $brand }. Montrez que cette adresse est la vôtre, puis réunissez : vous vous y connecterez alors comme avec votre { $brand }, et ce mot de passe ne vaudra plus.
prove-provider = Avant de continuer avec { $provider }, montrez que cette adresse est la vôtre.
prove-unproved = Vous n’avez pas encore montré que { $email } est la vôtre. Faites-le, et une seule connexion ouvrira tous les portails qui connaissent cette adresse.
prove-send = Envoyer un code
prove-no-mail = Aucun message ne peut partir vers { $email } pour l’instant. Attendez une minute, puis demandez un code.
prove-impossible = Ce service n’envoie pas de messages ; { $email } ne peut donc pas être prouvée ici. Votre administrateur peut vous aider.
prove-later = Aller seulement sur { $portal }, prouver plus tard
prove-later-hint = Tant que l’adresse n’est pas prouvée, rien d’autre ne s’ouvre.
prove-later-taken = Quelqu’un s’est déjà connecté avec { $email } sans la prouver. Prouvez-la, et elle n’est qu’à vous.
prove-later-gone = Ce portail ne vous connaît plus à cette adresse : vous ne pouvez pas y continuer.
prove-sign-in = Se connecter avec le mot de passe de votre { $brand }
not-now = Pas maintenant
unproved-note = Vous n’avez pas encore prouvé votre adresse ; un seul portail s’ouvre donc.

## Où cela s’arrête
code-elsewhere = Saisissez ce code là où vous avez commencé
code-elsewhere-text = Il ne vaut que dans le navigateur qui l’a demandé : revenez à cette page et saisissez-le là. Rien n’a été consommé. Si vous n’avez pas demandé de code, ne le transmettez à personne.
code-elsewhere-next = Se connecter plutôt ici
welcome-refused = Ce { $brand } ne permet pas de se connecter
welcome-refused-text = Il a été bloqué, ou il va être supprimé. Votre administrateur peut vous aider.
linked-elsewhere = Ce compte { $provider } ouvre un autre { $brand }
linked-elsewhere-text = Connectez-vous avec { $provider } pour y accéder. Pour l’utiliser ici, dissociez-le d’abord là-bas.

## Réunir
join-title = { $count ->
    [one] Un portail vous connaît
   *[other] { $count } portails vous connaissent
}
join-lead = { $count ->
    [one] Adresse connue : { $email }. Réunissez-le, et votre { $brand } l’ouvrira.
   *[other] Adresse connue : { $email }. Réunissez-les, et une seule connexion les ouvrira tous.
}
join-which = Ce portail a plusieurs fois votre adresse. Qui êtes-vous ?
join-none-of-these = Aucun de ceux-ci
join = Réunir
join-hint = Vous pouvez revenir en arrière à tout moment, sur la page « { $page } ».
join-ahead = Si vous ne le réunissez pas, { $portal } ne s’ouvre pas.
join-none-ticked = { $count ->
    [one] Cochez le portail, ou choisissez « Pas maintenant ».
   *[other] Cochez au moins un portail, ou choisissez « Pas maintenant ».
}
join-password = { $count ->
    [one] Il s’ouvre avec le mot de passe de votre { $brand }. Celui que vous y aviez ne vaut plus.
   *[other] Ils s’ouvrent avec le mot de passe de votre { $brand }. Ceux que vous y aviez ne valent plus.
}
join-password-typed = { $count ->
    [one] Le mot de passe que vous venez d’utiliser est désormais celui de votre { $brand } et ouvrira ce portail dès que vous l’aurez réuni.
   *[other] Le mot de passe que vous venez d’utiliser est désormais celui de votre { $brand } et ouvre chaque portail que vous réunissez. Ceux que vous aviez sur les autres ne valent plus.
}
join-password-none = { $count ->
    [one] Il s’ouvre de la façon dont vous vous connectez à votre { $brand }. Le mot de passe que vous y aviez ne vaut plus.
   *[other] Ils s’ouvrent de la façon dont vous vous connectez à votre { $brand }. Les mots de passe que vous y aviez ne valent plus.
}
joined = C’est fait. Une seule connexion ouvre maintenant { $portals }.
joined-many = { $count ->
    [one] C’est fait. Une seule connexion ouvre maintenant un portail.
   *[other] C’est fait. Une seule connexion ouvre maintenant { $count } portails.
}
no-access-found = { $portal } a un profil avec votre adresse. Réunissez-le, et vous y êtes.

## La page des portails
manage-portals = Qui vous êtes sur vos portails
manage-portals-lead = Ce que votre { $brand } ouvre, et sous quel nom.
opened-title = Ouverts par une seule connexion
how-added = Ajouté par le portail
how-address = Réuni parce que votre adresse y est connue,
how-password = Réuni avec le mot de passe du portail
how-operator = Réuni par l’administration
how-invited = Vous avez accepté une invitation
how-created = Vous l’avez créé
portal-is-told = Le portail reçoit : { $who }
portal-record = Profil dans le portail : { $who }
undo = Séparer
undo-title = Séparer { $portal } ?
undo-text = Votre { $brand } n’ouvrira plus { $portal }. Le profil là-bas ({ $name }) reste tel quel.
undo-again = Vous pourrez le réunir à nouveau plus tard.
undo-again-with = Le portail vous connaît par { $email }, qui ne fait pas partie de vos adresses. Pour le réunir à nouveau, il faudra d’abord ajouter cette adresse.
undo-not-again = Le portail n’a aucune adresse de vous : vous ne pourrez pas le réunir à nouveau vous-même. Ceux qui le gèrent devraient vous y admettre.
undo-keep = Garder
unjoined = C’est fait. Votre { $brand } n’ouvre plus { $portal }.
journal-title = Historique
journal-address = Vous avez réuni { $portal }, qui connaît votre adresse.
journal-password = Vous avez réuni { $portal } avec le mot de passe du portail.
journal-operator = L’administration a réuni { $portal }.
journal-undone = Vous avez séparé { $portal }.
journal-undone-operator = L’administration a séparé { $portal }.

## Messages
mail-joining-portals = { $count ->
    [one] Une fois le code saisi, vous choisissez si vous réunissez { $portals }.
   *[other] Une fois le code saisi, vous choisissez lesquels réunir : { $portals }.
}
mail-joining-use = { $count ->
    [one] Saisissez-le sur la page d’où vous venez, ou ouvrez ce lien dans le même navigateur. Il vaut une minute.
   *[other] Saisissez-le sur la page d’où vous venez, ou ouvrez ce lien dans le même navigateur. Il vaut { $count } minutes.
}
mail-joining-other = Vous n’avez pas essayé de vous connecter ? Alors ne transmettez pas ce code : il donnerait à quelqu’un d’autre l’accès à vos portails. Sinon, vous pouvez ignorer ce message.
mail-new-password = Son mot de passe est celui que vous venez d’utiliser pour vous connecter. Il vaut sur chaque portail que vous réunissez.
mail-joined-subject = { $count ->
    [one] Un nouveau portail dans votre { $brand }
   *[other] De nouveaux portails dans votre { $brand }
}
mail-joined-lead = { $count ->
    [one] Une seule connexion ouvre maintenant aussi ce portail :
   *[other] Une seule connexion ouvre maintenant aussi ces portails :
}
mail-joined-use = { $count ->
    [one] Il s’ouvre de la façon dont vous vous connectez à votre { $brand } ; le mot de passe que vous y aviez ne vaut plus. Le voir, ou revenir en arrière :
   *[other] Ils s’ouvrent de la façon dont vous vous connectez à votre { $brand } ; les mots de passe que vous y aviez ne valent plus. Les voir, ou revenir en arrière :
}
mail-joined-other = Ce n’était pas vous ? Revenez en arrière là-bas et changez votre mot de passe.
mail-unjoined-subject = { $portal } ne fait plus partie de votre { $brand }
mail-unjoined-lead = { $portal } a été séparé. Votre profil là-bas reste tel quel.
mail-unjoined-use = Vos portails :
mail-unjoined-other = Ce n’était pas vous ? Changez votre mot de passe.
