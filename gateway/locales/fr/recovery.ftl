# The file's area is its name; see common.ftl for the conventions.

## Passwords
password-guessable = Ce mot de passe est trop facile à deviner. Ajoutez un ou deux mots sans rapport entre eux.
passwords-differ = Ce n’est pas le même que ci-dessus. Saisissez encore une fois le nouveau mot de passe.
new-password-again = Nouveau mot de passe, encore une fois
no-password-yet = Ce { $brand } n’a pas encore de mot de passe.
no-password-do = Nous pouvons vous envoyer un message qui permet d’en choisir un.
set-password = Définir le mot de passe

## Asking for a new password
forgot-password = Mot de passe oublié ?
sign-in-no-match-or-new = Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les deux, ou demandez un nouveau mot de passe.
forgot-title = Nouveau mot de passe
forgot-lead = Saisissez votre adresse e-mail. Nous envoyons un message qui permet de choisir un nouveau mot de passe.
send = Envoyer
back-to-sign-in = Retour à la connexion

## The checkword
checkword-sent = Si { $email } correspond à un { $brand }, un message est en route. Cela peut prendre une minute ; regardez aussi dans les indésirables.
checkword-resent = Un nouveau message est en route. Le mot de contrôle du précédent ne marche plus.
checkword = Mot de contrôle
checkword-hint = Il est dans le message ; majuscules et tirets sont sans importance. Ou ouvrez le lien qu’il contient.
resend-message-in = Nouveau message dans
resend-message = Envoyer un nouveau message
checkword-no-match = Ce n’est pas le mot de contrôle du message le plus récent. Vérifiez-le, puis réessayez.
checkword-outdated = Ceci vient d’un message précédent
checkword-outdated-text = Prenez celui envoyé à { $time }, ou demandez-en un nouveau.
checkword-used = Ceci a déjà servi
checkword-used-text = Le mot de passe a été défini depuis. Connectez-vous avec.
checkword-expired = Ce lien est trop ancien
checkword-expired-text = { $count ->
    [1] Ce lien a plus d’une minute. Nous pouvons en envoyer un nouveau.
    [60] Ce lien a plus d’une heure. Nous pouvons en envoyer un nouveau.
   *[other] Ce lien a plus de { $count } minutes. Nous pouvons en envoyer un nouveau.
}
checkword-unknown = Ce lien ne marche pas
checkword-unknown-text = Il est peut-être incomplet, ou destiné à un autre site. Nous pouvons en envoyer un nouveau.
checkword-was-for = Il a été envoyé à { $email }.

## The new password
new-password-title = Choisissez un nouveau mot de passe
new-password-lead = Il ouvre tous vos portails et vous déconnecte partout ailleurs.
password-set-title = Votre mot de passe est nouveau
password-set-text = { $count ->
    [0] Tous les autres navigateurs sont déconnectés.
    [1] Il ouvre votre portail. Tous les autres navigateurs sont déconnectés.
    [2] Il vaut pour les deux portails. Tous les autres navigateurs sont déconnectés.
   *[other] Il vaut pour les { $count } portails. Tous les autres navigateurs sont déconnectés.
}
password-set-notice = Un message à ce sujet est en route vers { $email }.
password-set-also = Votre { $brand } s’ouvre aussi avec : { $list }. Retirez ce qui n’est pas à vous.
continue-to = Continuer vers { $portal }

## Mails
mail-checkword-subject = Un nouveau mot de passe pour votre { $brand }
mail-checkword-lead = Votre mot de contrôle : { $code }
mail-checkword-email = E-mail : { $email }
mail-checkword-portal-name = { $portal } : { $name }
mail-checkword-portal-user = { $portal } : nom d’utilisateur { $user }
mail-checkword-portal-both = { $portal } : { $name }, nom d’utilisateur { $user }
mail-checkword-use = { $count ->
    [1] Saisissez le mot de contrôle sur la page d’où vous venez, ou ouvrez ce lien pour choisir un nouveau mot de passe. Il sert une seule fois, pendant une minute.
   *[other] Saisissez le mot de contrôle sur la page d’où vous venez, ou ouvrez ce lien pour choisir un nouveau mot de passe. Il sert une seule fois, pendant { $count } minutes.
}
mail-checkword-other = Vous n’avez rien demandé ? Quelqu’un s’est sans doute trompé d’adresse ; vous pouvez ignorer ce message : votre mot de passe ne change pas. Ne transmettez jamais le mot de contrôle.
mail-password-subject = Le mot de passe de votre { $brand } a changé
mail-password-lead = Votre { $brand } a un nouveau mot de passe. Il vaut pour tous vos portails, et tous les autres navigateurs sont déconnectés.
mail-password-also = S’ouvre aussi avec : { $list }
mail-password-use = Si c’était vous, il n’y a rien à faire. Sinon, définissez ici un autre mot de passe :
mail-password-other = Ce n’était pas vous ? Alors quelqu’un peut peut-être lire votre courrier : changez aussi le mot de passe de votre messagerie et prévenez votre administrateur.
