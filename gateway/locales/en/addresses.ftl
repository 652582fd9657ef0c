# The file's area is its name; see common.ftl for the conventions.

## Addresses
section-emails = E-mail addresses
emails-title = E-mail addresses
emails-lead = You can sign in with any of these. Mail from us goes to the primary one, and it is the one that portals see.
primary = primary
proof-none = Not proved yet
proof-provider = Confirmed by the service you signed in with
proof-mail = Proved by mail
proof-operator = Confirmed by your administrator
make-primary = Make primary
remove-address = Remove
add-address-title = Add an address
new-address = New address
new-address-hint = We send a message there, so that nobody can add your address but you.
add-address = Add address
email-added = Done. { $email } is yours, and you can sign in with it.
email-primary-changed = Done. { $email } is your primary address now, on all your portals.
email-removed = Done. { $email } is no longer yours here.
email-cancelled = Done. { $email } isn't being added.
address-pending = Not added yet: it waits for the code from our message
pending-enter = Enter the code
pending-cancel = Cancel
remove-title = Remove { $email }?
remove-text = You can no longer sign in with it, and no portal can be found by it.
remove-portals = You are known by it on { $portals }. What is joined stays joined, but what you undo later can't be joined again through this address.
email-elsewhere = { $email } went to another { $brand } while the code was on its way, so nothing has changed here.
email-held = This address is yours already.
email-gone = That address isn't among yours any more. This is the list as it is now.
email-is-primary = Your primary address stays. Make another one primary first.
emails-most = A { $brand } holds up to { $count } addresses. Remove one before you add another.
emails-waiting = We found you on { $portals }.
emails-join = Have a look
merge-link = Merge the two
merge-other = You have another { $brand }? Merge the two

## Is it still you?
again-title = Is it still you?
again-lead = What you're about to do is important, so please show once more that it's you.
again-code-instead = Send me a code instead
again-by-code = We'll send a six-digit code to { $email }.
again-send-code = Send a code
again-no-way = Sign out, sign in again, and then come back here within ten minutes.
again-done = Thanks, it's you. Now choose once more what you wanted to change.
again-leave = Back to your profile
again-back = Back

## Mails about addresses
mail-again-use = { $count ->
    [one] Enter it to show that it's you who is changing your { $brand }. It works for one minute.
   *[other] Enter it to show that it's you who is changing your { $brand }. It works for { $count } minutes.
}
mail-again-other = You aren't changing anything right now? Then someone else is using a browser you're signed in with. Sign out everywhere on the page “Sessions”, and never pass the code on.
mail-add-use = { $count ->
    [one] Enter it on the page you came from, and this address becomes part of your { $brand }. It works for one minute.
   *[other] Enter it on the page you came from, and this address becomes part of your { $brand }. It works for { $count } minutes.
}
mail-add-other = You didn't add this address to a { $brand }? Then someone mistyped theirs, and you can ignore this message. Never pass the code on.
mail-held-subject = This address already has a { $brand }
mail-held-lead = Someone, probably you, wanted to add this address to another { $brand }. It has one already, so nothing has changed.
mail-held-use = If both are yours, you can merge them here:
mail-held-other = That wasn't you? You can ignore this message.
mail-added-subject = Your { $brand } has a new address
mail-added-lead = An address was added to your { $brand }. From now on you can sign in with it:
mail-primary-subject = Your { $brand } has another primary address
mail-primary-lead = The primary address of your { $brand } has changed. Mail from us goes here now:
mail-removed-subject = An address was removed from your { $brand }
mail-removed-lead = This address was removed from your { $brand }, and nobody can sign in with it any more:
mail-changed-use = That wasn't you? Then get a new password at once, with this address. It signs everyone else out:
mail-changed-other = After that, look through your addresses in your profile. If you can't get in, tell your administrator. That was you? Then there is nothing to do.

## Two become one
merge-title = Merge with another { $brand }
merge-lead = Everything of the other one becomes part of this one: addresses, ways to sign in, portals. You keep this one's password and primary address.
merge-other-email = E-mail of the other one
merge-other-password = Password of the other one
merge-code-instead = Send a code to that address
merge-code-sent = If { $email } belongs to another { $brand }, a message with a six-digit code is on its way there. It can take a minute; look in spam too.
merge-own = This address is part of the { $brand } you're signed in with. Enter one of the other.
merge-history = Merged so far
merge-at = Merged
merge-undone-at = Undone
merge-undo = Undo
merge-done = Done. The two are one now.
merge-done-portals = Done. One sign-in now opens { $portals }.
merge-undo-done = Undone. The other { $brand } has back what was its own, and its password works again.
merge-undo-impossible = This can't be undone now. Either none of its addresses is left to go back, or this { $brand } was itself merged since.
merge-gone = Something has changed meanwhile, so nothing was done. Start again from here.
merge-review-title = Look before you merge
merge-review-lead = { $other } becomes part of { $own }.
merge-changed = Something has changed since you last looked. This is what would happen now.
merge-addresses = Addresses that move here
merge-ways = Ways to sign in
merge-password-ends = The other one's password stops working. Yours opens everything.
merge-password-stays = Your password stays as it is.
merge-portals = Portals that move here
merge-both = Portals that know both
merge-both-hint = On a portal you are one person. Choose who stays; the other one is free again.
merge-undo-hint = The other one's browsers are signed out. You can undo all of this later, on the page you came from.
merge-now = Merge
merge-not = Don't merge

## Mails about merging
mail-merge-use = { $count ->
    [one] Enter it to show that this { $brand } is yours, and that it may be merged with the one you're signed in with. It works for one minute.
   *[other] Enter it to show that this { $brand } is yours, and that it may be merged with the one you're signed in with. It works for { $count } minutes.
}
mail-merge-other = You aren't merging anything? Then someone else wants what belongs to this address. Never pass the code on, and nothing will happen.
mail-unmergeable-subject = This address has no { $brand }
mail-unmergeable-lead = Someone, probably you, wanted to merge the { $brand } of this address with another one. There is none, so nothing has changed.
mail-unmergeable-use = If you only want to sign in with this address, add it here:
mail-merged-subject = Two are one now
mail-merged-lead = Another { $brand } has become part of yours. These addresses came with it:
mail-merged-use = You can have a look, and undo it, here:
mail-merged-other = That wasn't you? Then get a new password at once; it signs everyone else out. If you can't get in, tell your administrator.
mail-away-subject = Your { $brand } is part of another one now
mail-away-lead = Your addresses and portals now belong to the { $brand } with this address:
mail-away-use = Sign in there from now on. That wasn't you? Then get a new password with this address, here:
mail-away-other = It takes you into the other one and signs everyone else out, and there you can undo it. If that fails, tell your administrator, who can undo it as well.
mail-unmerged-subject = Your { $brand } is apart from the other again
mail-unmerged-lead = The merging was undone. Each { $brand } has its own addresses and portals again, and its own password.
mail-unmerged-use = Sign in with the one you need:
mail-unmerged-other = That wasn't you? Get a new password for both.
