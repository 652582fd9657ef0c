# The file's area is its name; see common.ftl for the conventions.

## Around every page
not-you = Not you?
switched-out = You are signed out. Sign in with another { $brand }.

## Asking for access
no-access-knows = It knows the people that its administrators added.
ask-for-access = Ask for access
ask-hint = The people who run { $portal } see your name and { $email }.
access-asked = You asked for access
access-asked-owners = The people who run { $portal } have been told. When they answer, you get a message.
access-asked-nobody = Nobody answers requests for { $portal } in { $brand } yet. Yours is kept for 30 days; if you know someone there, tell them too.
access-declined = You asked for access. They said no on { $date }.
ask-again = Ask again
portal-decides = { $portal } decides who gets in.
id-ready = Your { $brand } is ready.

## Portals that know one
home-waiting-many = We found you on { $count } portals.
home-provable = A portal may know { $email }. Show by a mailed code that the address is yours, and you can join it.

## Portals one runs
owned-title = Portals you run
people-hint = People, requests, invitations
requests-open = { $count ->
    [one] 1 request
   *[other] { $count } requests
}

## People of a portal
people-title = People of { $portal }
requests-title = { $count ->
    [one] One person asks for access
   *[other] { $count } people ask for access
}
asked = Asked
approve = Let in
decline = Decline
request-approved = Done. They can use the portal now, and a message tells them so.
request-declined = You declined the request of { $name }. A message tells them so.
request-answered = That request is no longer open: somebody else answered it, or it grew too old.
invite-title = Invite people
emails = E-mail addresses
emails-hint = One or several, up to 20. Each gets a message with a link for one person.
invite = Send invitations
emails-missing = Enter at least one e-mail address.
emails-invalid = “{ $typed }” is not an e-mail address. No invitation was sent.
emails-too-many = Invite up to 20 people at a time.
uses = Or a link to pass on: for how many people?
uses-hint = Whoever has the link can join, for 7 days. From 1 to 50 people.
uses-wrong = Enter a number from 1 to 50.
make-link = Make a link
link-made = Here is your link. It is shown only now, so copy it before you leave this page.
link-label = Link
invited = { $count ->
    [one] The invitation is on its way.
   *[other] { $count } invitations are on their way.
}
invitations-title = Open invitations
invitations-too-many = This portal has 100 open invitations. Take some back before you send more.
invitation-link = Link
invitation-used = { $used } of { $count } joined
expires-in = { $count ->
    [one] Ends within a day
   *[other] Ends in { $count } days
}
revoke = Take back
invitation-revoked = Done. That invitation no longer lets anybody in.
members-title = Members
members-more = { $count ->
    [one] The list shows one person. Search for others.
   *[other] The list shows the first { $count }. Search for others by name or e-mail.
}
find-person = Find a person
nobody-found = Nobody matches “{ $query }”.
show-everybody = Show everybody
you = you
member-joined = Joined
remove = Remove
remove-member-title = Remove { $name } from { $portal }?
remove-member-text = { $portal } closes for { $name } at once. They can come back only if somebody lets them in again.
remove-member-keep = Don't remove
member-removed = { $name } was removed. The portal no longer opens for them.
role-owner = Owner
role-admin = Administrator
role-employee = Employee
copy = Copy
copied = Copied

## Invitations
invitation-title = You're invited to { $portal }
invitation-from = From { $name } ({ $email })
invitation-text = Accept, and { $portal } joins your portals. It then sees your name and e-mail.
invitation-first = Sign in first, or create a { $brand }. You come back here.
accept = Accept
open-portal = Open the portal
invitation-member = You already belong to { $portal }
invitation-member-text = There is nothing left to accept.
invitation-was-used = This invitation has been used
invitation-used-text = Everybody it was for has joined { $portal }. If that wasn't you, ask for a new one.
invitation-was-yours = You have used this invitation before
invitation-yours-text = You no longer belong to { $portal }, and an invitation lets each person in once. Ask the people who run the portal for a new one.
invitation-expired = This invitation is too old
invitation-expired-text = An invitation to { $portal } works for 7 days. Ask for a new one.
invitation-withdrawn = This invitation was taken back
invitation-withdrawn-text = The people who run { $portal } can send you a new one.
invitation-unknown = We don't know this invitation
invitation-unknown-text = The link may have been cut off. Open it from the message once more, or ask for a new one.

## Mails
mail-asked-subject = Someone asks for access to { $portal }
mail-asked-lead = A person asks to be let into { $portal }, which you run.
mail-asked-use = See who it is and answer:
mail-asked-other = Until somebody answers, { $portal } stays closed to this person.
mail-granted-subject = { $portal } is open to you
mail-granted-lead = You asked for access to { $portal }, and now you have it.
mail-granted-use = Open it here:
mail-declined-subject = No access to { $portal }
mail-declined-lead = You asked for access to { $portal }. The people who run it said no.
mail-declined-use = Your own portals are here:
mail-access-other = You didn't ask? Then someone uses your { $brand }. Change its password.
mail-invitation-subject = You're invited to { $portal }
mail-invitation-lead = The people who run { $portal } invite you to join.
mail-invitation-use = { $count ->
    [one] See who invites you and accept. The link works for one day and for one person:
   *[other] See who invites you and accept. The link works for { $count } days and for one person:
}
mail-invitation-other = You don't know these people? You can ignore this message. Don't pass the link on.
