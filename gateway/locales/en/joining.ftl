# The first sign-in, and the page about portals; see common.ftl for the conventions.

## Lists of titles. The second form is for languages whose "and" depends on the next word.
list-and = { $rest } and { $last }
list-and-i = { $rest } and { $last }

## Proving an address
welcome-title = Welcome
prove-title = Prove your address
prove-portals = Your password opens { $portals }. Show that this address is yours, and one sign-in opens every portal that knows it.
prove-other-password = This is your password on { $portals }, not that of your { $brand }. Show that this address is yours, and join: from then on you sign in there as you do with your { $brand }, and this password no longer counts.
prove-provider = Before you go on with { $provider }, show that this address is yours.
prove-unproved = You haven't shown yet that { $email } is yours. Do it, and one sign-in opens every portal that knows this address.
prove-send = Send a code
prove-no-mail = No message to { $email } can be sent just now. Wait a minute, then ask for a code.
prove-impossible = This service sends no mail, so { $email } can't be proved here. Your administrator can help.
prove-later = Go on to { $portal } only, prove later
prove-later-hint = Until you prove the address, nothing else opens.
prove-later-taken = Someone has signed in with { $email } before and hasn't proved it. Prove it, and it's yours alone.
prove-later-gone = That portal doesn't know you by this address any more, so you can't go on to it.
prove-sign-in = Sign in with the password of your { $brand }
not-now = Not now
unproved-note = You haven't proved your address yet, so only one portal opens.

## Where it ends
code-elsewhere = Type this code where you began
code-elsewhere-text = It works only in the browser that asked for it: go back to that page and enter it there. Nothing has been used up. If you didn't ask for a code, don't pass it on.
code-elsewhere-next = Sign in here instead
welcome-refused = This { $brand } can't sign in
welcome-refused-text = It was stopped, or it is about to be deleted. Your administrator can help.
linked-elsewhere = That { $provider } account opens another { $brand }
linked-elsewhere-text = Sign in with { $provider } to get to that one. To use it here, disconnect it there first.

## Joining
join-title = { $count ->
    [one] We found you on one portal
   *[other] We found you on { $count } portals
}
join-lead = { $count ->
    [one] It knows { $email }. Join it, and your { $brand } opens it.
   *[other] They know { $email }. Join them, and one sign-in opens them all.
}
join-which = This portal has your address several times. Which one are you?
join-none-of-these = None of these
join = Join
join-hint = You can undo this at any time, on the page “{ $page }”.
join-ahead = Without joining, { $portal } does not open.
join-none-ticked = { $count ->
    [one] Tick the portal, or choose “Not now”.
   *[other] Tick at least one portal, or choose “Not now”.
}
join-password = { $count ->
    [one] You open it with the password of your { $brand }. The one you had there no longer counts.
   *[other] You open them with the password of your { $brand }. The ones you had there no longer count.
}
join-password-typed = { $count ->
    [one] The password you've just used is now that of your { $brand }, and opens this portal once you join it.
   *[other] The password you've just used is now that of your { $brand }, and opens every portal you join. The ones you had on the others no longer count.
}
join-password-none = { $count ->
    [one] You open it the way you sign in to your { $brand }. A password you had there no longer counts.
   *[other] You open them the way you sign in to your { $brand }. Passwords you had there no longer count.
}
joined = Done. One sign-in now opens { $portals }.
joined-many = { $count ->
    [one] Done. One sign-in now opens one portal.
   *[other] Done. One sign-in now opens { $count } portals.
}
no-access-found = { $portal } has a profile with your address. Join it, and you're in.

## The page about portals
manage-portals = Who you are on your portals
manage-portals-lead = What your { $brand } opens, and as whom.
opened-title = Open with one sign-in
how-added = Added by the portal
how-address = Joined, because your address is known there,
how-password = Joined by its own password
how-operator = Joined by an administrator
how-invited = You accepted an invitation
how-created = You created it
portal-is-told = The portal is told: { $who }
portal-record = Profile in the portal: { $who }
undo = Undo the join
undo-title = Undo the join with { $portal }?
undo-text = Your { $brand } will no longer open { $portal }. The profile there ({ $name }) stays as it is.
undo-again = You can join it again later.
undo-again-with = The portal knows you by { $email }, which isn't among your addresses. You can't join it again unless you add that address first.
undo-not-again = The portal has no address of yours, so you can't join it again by yourself. The people who run it would have to let you in.
undo-keep = Keep it
unjoined = Done. Your { $brand } no longer opens { $portal }.
journal-title = History
journal-address = You joined { $portal }, which knows your address.
journal-password = You joined { $portal } with its own password.
journal-operator = An administrator joined { $portal }.
journal-undone = You undid the join with { $portal }.
journal-undone-operator = The join with { $portal } was undone for you.

## Mails
mail-joining-portals = { $count ->
    [one] Once you've entered it, you choose whether to join { $portals }.
   *[other] Once you've entered it, you choose which of these to join: { $portals }.
}
mail-joining-use = { $count ->
    [one] Enter it on the page you came from, or open this link in the same browser. It works for one minute.
   *[other] Enter it on the page you came from, or open this link in the same browser. It works for { $count } minutes.
}
mail-joining-other = You didn't try to sign in? Then don't pass the code on: with it, somebody else gets to your portals. Otherwise you can ignore this message.
mail-new-password = Its password is the one you've just signed in with. It holds on every portal you join.
mail-joined-subject = { $count ->
    [one] A new portal in your { $brand }
   *[other] New portals in your { $brand }
}
mail-joined-lead = { $count ->
    [one] One sign-in now opens this portal as well:
   *[other] One sign-in now opens these portals as well:
}
mail-joined-use = { $count ->
    [one] You open it the way you sign in to your { $brand }; a password you had there no longer counts. See it, or undo it, here:
   *[other] You open them the way you sign in to your { $brand }; passwords you had there no longer count. See them, or undo it, here:
}
mail-joined-other = That wasn't you? Undo it there, and change your password.
mail-unjoined-subject = { $portal } is no longer part of your { $brand }
mail-unjoined-lead = The join with { $portal } was undone. Your profile there stays as it is.
mail-unjoined-use = Your portals:
mail-unjoined-other = That wasn't you? Change your password.
