# Français. Vouvoiement ; phrases courtes ; d’abord ce qui s’est passé, puis que faire.

## Around every page
languages = Langue
request-id = Identifiant de la requête
sections = Vos pages
section-portals = Portails
section-profile = Vous
section-sessions = Sessions
sign-out = Se déconnecter
continue = Continuer
try-again = Réessayer

## Sign in
sign-in = Se connecter
sign-in-now = Se connecter
to-portal = pour continuer vers { $portal }
to-join = pour rejoindre { $portal }
email = Adresse e-mail
password = Mot de passe
show = Afficher
show-password = Afficher le mot de passe
hide = Masquer
hide-password = Masquer le mot de passe
no-account = Première visite ?
sign-up = Créer un { $brand }
sign-in-no-match = Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les deux, puis réessayez.
sign-in-incomplete = Saisissez votre adresse e-mail et votre mot de passe.
too-many = { $count ->
    [one] Trop de tentatives. Vous pourrez réessayer dans une minute.
   *[other] Trop de tentatives. Vous pourrez réessayer dans { $count } minutes.
}
busy = Beaucoup de personnes se connectent en ce moment. Attendez quelques secondes, puis réessayez.
form-expired = Cette page est restée ouverte trop longtemps ; en voici une nouvelle. Veuillez réessayer.

## Create a Bitrix ID
name = Votre nom
to-put-right = { $count ->
    [one] Un point est à revoir :
   *[other] { $count } points sont à revoir :
}
password-hint = Au moins { $count } caractères. Quelques mots à la suite conviennent bien.
have-account = Vous avez déjà un { $brand } ?
name-missing = Saisissez votre nom.
name-too-long = Le nom peut compter jusqu’à 100 caractères.
email-invalid = Saisissez une adresse e-mail comme anna@example.com.
password-too-short = Le mot de passe doit compter au moins { $count } caractères.
password-too-long = Ce mot de passe est trop long. Utilisez 1024 caractères au plus.
password-common = Ce mot de passe est parmi les premiers que l’on essaie. Choisissez-en un autre.
password-is-email = Ce mot de passe reprend votre adresse e-mail. Choisissez-en un autre.
mail-failed = Le message n’a pas pu être envoyé. Attendez une minute, puis réessayez.

## The code from the mail
confirm-title = Consultez votre messagerie
confirm-sent = Un message contenant un code à six chiffres est en route vers { $email }. Cela peut prendre une minute ; regardez aussi dans les indésirables.
confirm-resent = Un nouveau message est en route. Le code du précédent ne fonctionne plus.
code-or-else = Un message est en route vers { $email }. Saisissez le code qu’il contient ou, s’il n’en contient pas, suivez ce qu’il indique. Cela peut prendre une minute ; regardez aussi dans les indésirables.
message-resent = Un nouveau message est en route. Un code d’un message précédent ne fonctionne plus.
code = Code
resend-in = Nouveau code dans
seconds = s
resend = Envoyer un nouveau code
other-address = Utiliser une autre adresse
code-no-match = Ce n’est pas le code du dernier message. Vérifiez-le, puis réessayez.
code-too-many = Ce code a été essayé trop souvent et ne fonctionne plus. Demandez-en un nouveau ci-dessous.
code-expired = Ce code est trop ancien. Demandez-en un nouveau ci-dessous.
resend-too-soon = Un message vient de partir. Attendez une minute avant d’en demander un autre.

## On the way

## Sign out
sign-out-title = Se déconnecter ?
signed-in-as = Vous êtes connecté en tant que { $email }.
sign-out-text = Vous serez déconnecté de { $brand } et de tous les portails dans ce navigateur.
stay = Rester connecté
signed-out-title = Vous êtes déconnecté
signed-out-text = Ce navigateur est déconnecté de { $brand } et de tous les portails.
sign-in-again = Se reconnecter

## Portals
portals-title = Vos portails
portals-none = Vous n’avez pas encore de portail. Dès qu’un portail ajoute { $email }, il apparaît ici.
find-portal = Chercher un portail
find = Chercher
none-found = Aucun portail ne correspond à « { $query } ».
show-all = Afficher tous les portails
current = actuel
last-used = Dernière utilisation :

## Profile
profile-title = Vous
profile-saved = { $count ->
    [0] Enregistré.
    [1] Enregistré. Votre portail l’affichera dans quelques minutes.
    [2] Enregistré. Vos deux portails l’afficheront dans quelques minutes.
   *[other] Enregistré. Vos { $count } portails l’afficheront dans quelques minutes.
}
name-hint = { $count ->
    [0] Les portails affichent ce nom.
    [1] Votre portail affiche ce nom.
    [2] Vos deux portails affichent ce nom.
   *[other] Vos { $count } portails affichent ce nom.
}
language = Langue
language-hint = Pour ces pages et pour nos messages.
save = Enregistrer

## Sign-in and security
section-security = Sécurité
security-title = Connexion et sécurité
security-lead = { $count ->
    [0] Un nouveau mot de passe vous déconnecte partout ailleurs.
    [1] Le nouveau mot de passe ouvre votre portail et vous déconnecte partout ailleurs.
    [2] Le nouveau mot de passe vaut aussitôt pour les deux portails et vous déconnecte partout ailleurs.
   *[other] Le nouveau mot de passe vaut aussitôt pour les { $count } portails et vous déconnecte partout ailleurs.
}
security-changed = { $count ->
    [0] C'est fait. Votre mot de passe est nouveau et tous les autres navigateurs sont déconnectés.
    [1] C'est fait. Votre mot de passe est nouveau sur votre portail et tous les autres navigateurs sont déconnectés.
    [2] C'est fait. Votre mot de passe est nouveau sur les deux portails et tous les autres navigateurs sont déconnectés.
   *[other] C'est fait. Votre mot de passe est nouveau sur les { $count } portails et tous les autres navigateurs sont déconnectés.
}
current-password = Mot de passe actuel
new-password = Nouveau mot de passe
current-no-match = Ce n'est pas votre mot de passe actuel. Vérifiez-le, puis réessayez.
password-is-current = C'est votre mot de passe actuel. Choisissez-en un autre.
change-password = Changer le mot de passe

## Sessions
sessions-title = Sessions
sessions-lead = Les navigateurs dans lesquels vous êtes connecté.
sessions-ended = { $count ->
    [0] C’est fait. Il n’y avait plus rien à déconnecter.
    [1] C’est fait. Un navigateur a été déconnecté de tous les portails.
   *[other] C’est fait. { $count } navigateurs ont été déconnectés de tous les portails.
}
end-others = Se déconnecter partout ailleurs
this-browser = ce navigateur
signed-in-since = Connexion :
device = { $browser } sur { $system }
device-unknown = Navigateur inconnu

## No access
no-access-title = Pas d’accès à { $portal }
no-access-text = { $portal } ne connaît pas ce { $brand }.
use-another = Utiliser un autre { $brand }
go-to-portal = Aller sur l’un des vôtres

## Cookies
cookies-title = Votre navigateur ne garde pas nos cookies
cookies-text = Pour se connecter, il faut un petit cookie, et il n’est pas revenu. Cela arrive quand les cookies sont bloqués ou effacés aussitôt.
cookies-do = Autorisez les cookies pour ce site, puis réessayez.

## Errors
this-portal = Ce portail
to-start-of = Aller sur { $portal }
bad-request = Nous ne pouvons pas lire cette adresse
bad-request-text = Le lien ou le formulaire contient quelque chose que nous ne comprenons pas. Vérifiez l’adresse ou repartez de la première page.
not-found = Il n’y a rien ici
not-found-text = L’adresse est peut-être mal saisie, ou la page a changé de place.
misdirected = Cette connexion était destinée à un autre site
misdirected-text = Votre navigateur a réutilisé une connexion établie vers une autre adresse. Réessayer en ouvre une nouvelle.
forbidden = Cela ne vous est pas ouvert
forbidden-text = Cette adresse est fermée, ou le formulaire venait d’une autre page. Revenez en arrière, rechargez la page, puis réessayez.
method = Cette adresse n’accepte pas cela
method-text = Elle ne peut pas être utilisée ainsi. Revenez en arrière et rouvrez la page.
too-slow = C’est arrivé trop lentement
too-slow-text = Votre connexion a transmis trop peu pendant trop longtemps. Revenez en arrière et réessayez, si possible avec une meilleure connexion.
too-large = C’est trop volumineux
too-large-text = Ce que vous avez envoyé dépasse ce que ce site accepte. Revenez en arrière et essayez avec quelque chose de plus petit.
uri-too-long = Cette adresse est trop longue
uri-too-long-text = Revenez en arrière ou repartez de la première page.
headers-too-large = Votre navigateur a trop envoyé d’un coup
headers-too-large-text = Ce sont le plus souvent trop de cookies. Effacez les cookies de ce site, puis rouvrez la page.
upstream-down = { $portal } ne répond pas
upstream-down-text = Cela n’a rien à voir avec votre connexion. La page réessaie d’elle-même toutes les 10 secondes.
upstream-slow = { $portal } met trop de temps
upstream-slow-text = Cela n’a rien à voir avec votre connexion. Ce que vous avez envoyé est peut-être arrivé quand même : vérifiez avant de l’envoyer à nouveau.
unavailable = Nous ne pouvons pas répondre pour le moment
unavailable-text = Une partie de { $brand } est saturée ou injoignable. Cela passe en général en quelques secondes.
internal = Quelque chose a échoué de notre côté
internal-text = C’est noté. Réessayez ; si cela se reproduit, donnez à votre administrateur l’identifiant de la requête ci-dessous.

## Moments
when-now = à l’instant
when-minutes = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
when-hours = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
when-days = { $count ->
    [one] il y a { $count } jour
   *[other] il y a { $count } jours
}
when-date = { $day ->
    [1] 1er { $month } { $year }
   *[other] { $day } { $month } { $year }
}
month = { $count ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
}

## Mails
mail-code-subject = { $code } est votre code { $brand }
mail-code-lead = Votre code : { $code }
mail-code-use = { $count ->
    [one] Saisissez-le sur la page d’où vous venez. Il est valable une minute.
   *[other] Saisissez-le sur la page d’où vous venez. Il est valable { $count } minutes.
}
mail-code-other = Vous n’avez pas demandé de code ? Quelqu’un s’est sans doute trompé d’adresse ; vous pouvez ignorer ce message. Ne transmettez jamais le code.
mail-known-subject = Vous avez déjà un { $brand }
mail-known-lead = Quelqu’un, sans doute vous, a voulu créer un { $brand } avec cette adresse. Il existe déjà ; rien n’a changé.
mail-known-use = Connectez-vous ici :
mail-known-other = Ce n’était pas vous ? Vous pouvez ignorer ce message.
mail-new-subject = Votre { $brand } est prêt
mail-new-lead = Cette adresse a désormais un { $brand }. Une seule connexion ouvre tous vos portails.
mail-new-use = Vos portails :
mail-new-other = Ce n’était pas vous ? Alors quelqu’un peut lire votre courrier. Changez le mot de passe de votre messagerie et prévenez votre administrateur.
