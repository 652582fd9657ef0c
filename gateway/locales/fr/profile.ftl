# The file's area is its name; see common.ftl for the conventions.

# Your own details, sessions, leaving.

## You
name-hint-some = { $count ->
    [0] Aucun portail n’affiche ce nom : vous y en avez choisi un autre.
    [1] 1 de vos { $total } portails affiche ce nom. Ailleurs, vous en avez choisi un autre.
   *[other] { $count } de vos { $total } portails affichent ce nom. Ailleurs, vous en avez choisi un autre.
}
profile-saved-some = { $count ->
    [0] Enregistré. Aucun portail ne l’affichera : vous y avez choisi un autre nom.
    [1] Enregistré. 1 de vos { $total } portails l’affichera dans quelques minutes.
   *[other] Enregistré. { $count } de vos { $total } portails l’afficheront dans quelques minutes.
}
phone = Téléphone
phone-hint = Avec l’indicatif du pays, comme +49 30 12345678. Aucun portail ne le reçoit.
phone-invalid = Saisissez le numéro avec l’indicatif du pays, comme +49 30 12345678, ou laissez le champ vide.
time-zone = Fuseau horaire
time-zone-is = Les heures de ces pages et de nos messages sont celles de { $zone }.
time-zone-change = Changer de fuseau horaire
time-zone-area = Partie du monde
time-zone-show = Afficher les lieux
time-zone-place = Lieu le plus proche
time-zone-browser = Fuseau horaire de ce navigateur :
time-zone-use = L’utiliser
area-africa = Afrique
area-america-a-l = Amérique, A–L
area-america-m-z = Amérique, M–Z
area-antarctica = Antarctique
area-arctic = Arctique
area-asia = Asie
area-atlantic = Océan Atlantique
area-australia = Australie
area-europe = Europe
area-indian = Océan Indien
area-pacific = Océan Pacifique
time-zone-none = Utiliser plutôt UTC
time-zone-saved = Enregistré. Les heures sont désormais celles de { $zone }. Les portails gardent les leurs.
time-zone-unknown = Choisissez un lieu dans la liste.
back-to-profile = Retour au profil
photo = Photo
photo-alt = Votre photo
photo-file = Choisissez une image
photo-hint = { $count ->
    [0] JPEG, PNG ou WebP, 5 Mo au plus. Les portails peuvent l’afficher.
    [1] JPEG, PNG ou WebP, 5 Mo au plus. Votre portail peut l’afficher.
    [2] JPEG, PNG ou WebP, 5 Mo au plus. Vos deux portails peuvent l’afficher.
   *[other] JPEG, PNG ou WebP, 5 Mo au plus. Vos { $count } portails peuvent l’afficher.
}
photo-use = Utiliser cette image
photo-remove = Retirer la photo
photo-saved = { $count ->
    [0] Enregistrée.
    [1] Enregistrée. Votre portail l’affichera à sa prochaine demande.
    [2] Enregistrée. Vos deux portails l’afficheront à leur prochaine demande.
   *[other] Enregistrée. Vos { $count } portails l’afficheront à leur prochaine demande.
}
photo-removed = { $count ->
    [0] La photo est retirée.
    [1] La photo est retirée, de votre portail aussi dès sa prochaine demande.
    [2] La photo est retirée, de vos deux portails aussi dès leur prochaine demande.
   *[other] La photo est retirée, de vos { $count } portails aussi dès leur prochaine demande.
}
photo-missing = Choisissez d’abord une image.
photo-unreadable = Nous ne pouvons pas lire cela comme une image. Choisissez un JPEG, PNG ou WebP.
photo-too-large = Cette image a trop de pixels. Réduisez-la, puis réessayez.

## The name on one portal
own-name-link = Nom sur { $portal }
own-name-heading = Vous sur { $portal }
own-name-lead = Seul { $portal } affiche ce que vous saisissez ici.
own-name = Nom sur { $portal }
own-name-hint = Laissez vide pour y être aussi { $name }.
own-title = Fonction
own-title-hint = Par exemple « Responsable des ventes ». Laissez vide pour n’en avoir aucune.
own-title-too-long = La fonction peut compter jusqu’à 100 caractères.
own-name-saved = Enregistré. { $portal } l’affiche désormais, vos autres portails non.

## Sessions
session-by-password = avec le mot de passe
session-by-code = avec un code reçu par message
session-by-link = avec un compte lié
session-from = Depuis { $address }
session-opened = A ouvert { $portals }
session-ended = C’est fait. { $device } a été déconnecté.
sessions-ended-portals = { $portals } y était ouvert.
end-all = Se déconnecter partout, ici aussi

## A browser not seen before
mail-device-subject = Nouvelle connexion avec votre { $brand }
mail-device-lead = Quelqu’un s’est connecté avec votre { $brand } dans un navigateur qui ne l’avait jamais fait.
mail-device-time = Heure : { $time }
mail-device-browser = Navigateur : { $browser }
mail-device-address = Adresse réseau : { $address }
mail-device-use = Si ce n’était pas vous, déconnectez ce navigateur ici. Le lien est valable 7 jours :
mail-device-other = C’était vous ? Alors il n’y a rien à faire.
not-me-title = Ce n’était pas vous ?
not-me-text = Ceci déconnecte un navigateur de { $brand } et de tous les portails. Rien d’autre ne change.
not-me-time = Heure
not-me-browser = Navigateur
not-me-address = Adresse réseau
not-me-end = Déconnecter ce navigateur
not-me-was-me = C’était moi
not-me-ended-title = Ce navigateur est déconnecté
not-me-ended-text = Il est déconnecté de { $brand } et de tous les portails.
not-me-ended-next = Cette personne connaît peut-être votre mot de passe. Un nouveau déconnecte aussi tous les autres.
not-me-password = Choisir un nouveau mot de passe
not-me-gone-text = Il a déjà servi, ce navigateur s’est déconnecté de lui-même, ou plus de 7 jours ont passé. Vos sessions montrent qui est connecté.
not-me-sessions = Voir vos sessions
link-gone-title = Ce lien ne fonctionne plus

## The person's data
data-title = Télécharger mes données
data-holds = Un fichier avec tout ce que { $brand } garde sur vous : vos informations, adresses et photo, vos portails et leur rattachement, comptes liés, sessions, et ce qui s’est passé et quand.
data-not = Il ne contient ni mot de passe ni rien qui permette de se connecter. Ce qu’un portail garde sur vous reste chez lui ; demandez à ses responsables.
data-download = Télécharger le fichier

## Leaving
delete-title = Supprimer mon { $brand }
delete-heading = Supprimer votre { $brand } ?
delete-now = Vous êtes déconnecté tout de suite, dans tous les navigateurs et de tous les portails.
delete-then = Le { $date }, votre { $brand } est supprimé : nom, adresses, photo, comptes liés. Personne ne pourra plus le rétablir.
delete-keep = D’ici là, vous pouvez le garder : connectez-vous ou utilisez le lien du message que nous vous envoyons.
delete-keep-mail = D’ici là, vous pouvez le garder avec le lien du message que nous vous envoyons.
delete-keep-sign-in = D’ici là, vous pouvez le garder : connectez-vous.
delete-no-way-back = Ce n’est pas possible ici. Vous n’auriez plus de quoi vous reconnecter et aucun message de notre part ne vous parviendrait : vous ne pourriez pas changer d’avis. Demandez aux personnes qui gèrent { $brand } de le supprimer pour vous.
delete-portals = { $count ->
    [1] Ce portail ne vous reconnaîtra plus avec lui :
    [2] Les deux portails ne vous reconnaîtront plus avec lui :
   *[other] Ces { $count } portails ne vous reconnaîtront plus avec lui :
}
delete-portals-keep = Ce qu’ils gardent sur vous reste chez eux. Un nouveau { $brand } avec la même adresse pourra y rattacher vos profils.
runs-alone = Vous gérez { $portals } et personne d’autre ne le fait. Sans vous, personne n’y répond aux demandes ni n’invite personne.
delete-stay = Tout laisser en l’état
leaving-note = Votre { $brand } sera supprimé le { $date }. Vous changez d’avis ? Connectez-vous avant cette date, et vous pourrez le garder.
mail-leaving-subject = Votre { $brand } sera supprimé le { $date }
mail-leaving-lead = Vous avez demandé la suppression de votre { $brand }. Elle aura lieu le { $date } ; d’ici là, il est déconnecté partout.
mail-leaving-use = Vous avez changé d’avis ? Gardez-le ici :
mail-leaving-other = Ce n’était pas vous ? Gardez-le avec le lien ci-dessus et choisissez un nouveau mot de passe.
keep-title = Votre { $brand } sera supprimé
keep-text = Cela aura lieu le { $date }, comme vous l’avez demandé. D’ici là, il est inutilisable, et vous pouvez encore le garder.
keep-keep = Le garder
keep-go = Le laisser partir
keep-kept-title = Votre { $brand } reste
keep-kept-text = Rien n’a été supprimé. Connectez-vous : tout est comme avant.
keep-kept-here = Rien n’a été supprimé. Vous êtes connecté et tout est comme avant.
keep-nothing-text = Il a déjà servi ou il est trop ancien. Si vous pouvez vous connecter, votre { $brand } reste.

## Moments
when-full = { $date }, { $time } ({ $zone })
