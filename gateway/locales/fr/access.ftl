# The file's area is its name; see common.ftl for the conventions.

## Around every page
not-you = Pas vous ?
switched-out = Vous êtes déconnecté. Connectez-vous avec un autre { $brand }.

## Asking for access
no-access-knows = Il connaît les personnes que ses administrateurs ont ajoutées.
ask-for-access = Demander l’accès
ask-hint = Les responsables de { $portal } voient votre nom et { $email }.
access-asked = Vous avez demandé l’accès
access-asked-owners = Les responsables de { $portal } sont prévenus. Quand ils répondront, vous recevrez un message.
access-asked-nobody = Dans { $brand }, personne ne répond encore aux demandes pour { $portal }. La vôtre est gardée 30 jours ; si vous y connaissez quelqu’un, prévenez aussi cette personne.
access-declined = Vous avez demandé l’accès. Les responsables ont refusé le { $date }.
ask-again = Demander à nouveau
portal-decides = { $portal } décide qui peut entrer.
id-ready = Votre { $brand } est prêt.

## Portals that know one
home-waiting-many = Nous vous avons trouvé sur { $count } portails.
home-provable = Un portail connaît peut-être { $email }. Montrez par un code envoyé par e-mail que l’adresse est la vôtre, et vous pourrez le réunir.

## Portals one runs
owned-title = Portails que vous gérez
people-hint = Personnes, demandes, invitations
requests-open = { $count ->
    [one] 1 demande
   *[other] { $count } demandes
}

## People of a portal
people-title = Personnes de { $portal }
requests-title = { $count ->
    [one] Une personne demande l’accès
   *[other] { $count } personnes demandent l’accès
}
asked = Demandé
approve = Accepter
decline = Refuser
request-approved = C’est fait. Cette personne peut utiliser le portail ; un message le lui dit.
request-declined = Vous avez refusé la demande de { $name }. Un message le lui dit.
request-answered = Cette demande n’est plus ouverte : quelqu’un d’autre y a répondu, ou elle a expiré.
invite-title = Inviter des personnes
emails = Adresses e-mail
emails-hint = Une ou plusieurs, jusqu’à 20. Chacune reçoit un message avec un lien pour une personne.
invite = Envoyer les invitations
emails-missing = Saisissez au moins une adresse e-mail.
emails-invalid = « { $typed } » n’est pas une adresse e-mail. Aucune invitation n’a été envoyée.
emails-too-many = Invitez 20 personnes à la fois au maximum.
uses = Ou un lien à transmettre : pour combien de personnes ?
uses-hint = Toute personne qui a le lien peut rejoindre le portail pendant 7 jours. De 1 à 50 personnes.
uses-wrong = Saisissez un nombre de 1 à 50.
make-link = Créer un lien
link-made = Voici votre lien. Il n’est affiché que maintenant ; copiez-le avant de quitter cette page.
link-label = Lien
invited = { $count ->
    [one] L’invitation est en route.
   *[other] { $count } invitations sont en route.
}
invitations-title = Invitations ouvertes
invitations-too-many = Ce portail a 100 invitations ouvertes. Annulez-en avant d’en envoyer d’autres.
invitation-link = Lien
invitation-used = { $used } sur { $count } ont rejoint
expires-in = { $count ->
    [one] Expire dans moins d’un jour
   *[other] Expire dans { $count } jours
}
revoke = Annuler
invitation-revoked = C’est fait. Cette invitation ne donne plus accès à personne.
members-title = Membres
members-more = { $count ->
    [one] La liste montre une personne. Cherchez les autres.
   *[other] La liste montre les { $count } premières. Cherchez les autres par nom ou par e-mail.
}
find-person = Chercher une personne
nobody-found = Personne ne correspond à « { $query } ».
show-everybody = Afficher tout le monde
you = vous
member-joined = Arrivée :
remove = Retirer
remove-member-title = Retirer { $name } de { $portal } ?
remove-member-text = { $portal } se ferme aussitôt pour { $name }. Pour revenir, cette personne devra être admise à nouveau.
remove-member-keep = Ne pas retirer
member-removed = C’est fait. Le portail ne s’ouvre plus pour { $name }.
role-owner = Propriétaire
role-admin = Administrateur
role-employee = Employé
copy = Copier
copied = Copié

## Invitations
invitation-title = Vous êtes invité à rejoindre { $portal }
invitation-from = De la part de { $name } ({ $email })
invitation-text = Si vous acceptez, { $portal } rejoint vos portails et voit votre nom et votre e-mail.
invitation-first = Connectez-vous d’abord, ou créez un { $brand }. Vous reviendrez ici.
accept = Accepter
open-portal = Ouvrir le portail
invitation-member = Vous faites déjà partie de { $portal }
invitation-member-text = Il n’y a plus rien à accepter.
invitation-was-used = Cette invitation a déjà servi
invitation-used-text = Toutes les personnes prévues ont rejoint { $portal }. Si ce n’était pas vous, demandez-en une autre.
invitation-was-yours = Vous avez déjà utilisé cette invitation
invitation-yours-text = Vous ne faites plus partie de { $portal }, et une invitation ne sert qu’une fois par personne. Demandez-en une autre aux responsables du portail.
invitation-expired = Cette invitation a expiré
invitation-expired-text = Une invitation à { $portal } est valable 7 jours. Demandez-en une autre.
invitation-withdrawn = Cette invitation a été annulée
invitation-withdrawn-text = Les responsables de { $portal } peuvent vous en envoyer une autre.
invitation-unknown = Nous ne connaissons pas cette invitation
invitation-unknown-text = Le lien est peut-être coupé. Ouvrez-le encore une fois depuis le message, ou demandez-en un autre.

## Mails
mail-asked-subject = Demande d’accès à { $portal }
mail-asked-lead = Une personne demande l’accès à { $portal }, que vous gérez.
mail-asked-use = Voyez qui c’est et répondez :
mail-asked-other = Tant que personne n’a répondu, { $portal } reste fermé à cette personne.
mail-granted-subject = { $portal } vous est ouvert
mail-granted-lead = Vous avez demandé l’accès à { $portal } ; vous l’avez maintenant.
mail-granted-use = Ouvrez-le ici :
mail-declined-subject = Pas d’accès à { $portal }
mail-declined-lead = Vous avez demandé l’accès à { $portal }. Ses responsables ont refusé.
mail-declined-use = Vos portails sont ici :
mail-access-other = Ce n’était pas vous ? Quelqu’un utilise alors votre { $brand }. Changez le mot de passe.
mail-invitation-subject = Invitation à { $portal }
mail-invitation-lead = Les responsables de { $portal } vous invitent à les rejoindre.
mail-invitation-use = { $count ->
    [one] Voyez qui vous invite et acceptez. Le lien est valable un jour, pour une personne :
   *[other] Voyez qui vous invite et acceptez. Le lien est valable { $count } jours, pour une personne :
}
mail-invitation-other = Vous ne connaissez pas ces personnes ? Vous pouvez ignorer ce message. Ne transmettez pas le lien.
