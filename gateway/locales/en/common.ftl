# English. Short, plain, present tense; "you" and "your"; say what happened, then what to do.
# { $brand } is the service's name, normally "Bitrix ID"; { $portal } is a portal's title.

## Around every page
languages = Language
request-id = Request id
sections = Your pages
section-portals = Portals
section-profile = You
section-sessions = Sessions
sign-out = Sign out
continue = Continue
try-again = Try again

## Sign in
sign-in = Sign in
sign-in-now = Sign in
to-portal = to continue to { $portal }
to-join = to join { $portal }
email = E-mail
password = Password
show = Show
show-password = Show password
hide = Hide
hide-password = Hide password
no-account = New here?
sign-up = Create a { $brand }
sign-in-no-match = That e-mail and password don't match. Check both, then try again.
sign-in-incomplete = Enter your e-mail and your password.
too-many = { $count ->
    [one] Too many attempts. You can try again in a minute.
   *[other] Too many attempts. You can try again in { $count } minutes.
}
busy = A lot of people are signing in right now. Wait a few seconds, then try again.
form-expired = This page was open for too long, so here is a fresh one. Please try again.

## Create a Bitrix ID
name = Your name
to-put-right = { $count ->
    [one] One thing needs another look:
   *[other] { $count } things need another look:
}
password-hint = At least { $count } characters. A few words in a row work well.
have-account = Already have a { $brand }?
name-missing = Enter your name.
name-too-long = Your name can have up to 100 characters.
email-invalid = Enter an e-mail address like anna@example.com.
password-too-short = Use at least { $count } characters for the password.
password-too-long = This password is too long. Use up to 1024 characters.
password-common = This password is among the first ones that get tried. Choose another one.
password-is-email = This password repeats your e-mail address. Choose another one.
mail-failed = The mail couldn't be sent. Wait a minute, then try again.

## The code from the mail
confirm-title = Check your mail
confirm-sent = A message with a six-digit code is on its way to { $email }. It can take a minute; look in spam too.
confirm-resent = A new message is on its way. The code from the earlier one no longer works.
code-or-else = A message is on its way to { $email }. Enter the code from it, or, if it holds none, do what it says. It can take a minute; look in spam too.
message-resent = A new message is on its way. A code from an earlier one no longer works.
code = Code
resend-in = New code in
seconds = s
resend = Send a new code
other-address = Use another address
code-no-match = That isn't the code from the newest message. Check it, then try again.
code-too-many = That code was tried too often and no longer works. Ask for a new one below.
code-expired = That code is too old. Ask for a new one below.
resend-too-soon = A message went out a moment ago. Give it a minute before you ask for another.

## On the way

## Sign out
sign-out-title = Sign out?
signed-in-as = You're signed in as { $email }.
sign-out-text = This signs you out of { $brand } and of every portal in this browser.
stay = Stay signed in
signed-out-title = You're signed out
signed-out-text = This browser is signed out of { $brand } and of every portal.
sign-in-again = Sign in again

## Portals
portals-title = Your portals
portals-none = You have no portals yet. Once a portal adds { $email }, it shows up here.
find-portal = Find a portal
find = Find
none-found = No portal matches “{ $query }”.
show-all = Show all portals
current = current
last-used = Last used

## Profile
profile-title = You
profile-saved = { $count ->
    [0] Saved.
    [1] Saved. Your portal shows it within a few minutes.
    [2] Saved. Both portals show it within a few minutes.
   *[other] Saved. All { $count } portals show it within a few minutes.
}
name-hint = { $count ->
    [0] Portals show this name.
    [1] Your portal shows this name.
    [2] Both of your portals show this name.
   *[other] All { $count } of your portals show this name.
}
language = Language
language-hint = For these pages and for our mails.
save = Save

## Sign-in and security
section-security = Security
security-title = Sign-in and security
security-lead = { $count ->
    [0] A new password signs you out everywhere else.
    [1] The new password opens your portal, and signs you out everywhere else.
    [2] The new password holds on both portals at once, and signs you out everywhere else.
   *[other] The new password holds on all { $count } portals at once, and signs you out everywhere else.
}
security-changed = { $count ->
    [0] Done. Your password is new, and every other browser was signed out.
    [1] Done. Your password is new on your portal, and every other browser was signed out.
    [2] Done. Your password is new on both portals, and every other browser was signed out.
   *[other] Done. Your password is new on all { $count } portals, and every other browser was signed out.
}
current-password = Current password
new-password = New password
current-no-match = That isn't your current password. Check it, then try again.
password-is-current = This is your current password. Choose another one.
change-password = Change password

## Sessions
sessions-title = Sessions
sessions-lead = The browsers you're signed in with.
sessions-ended = { $count ->
    [0] Done. There was nothing left to sign out.
    [1] Done. One browser was signed out of all portals.
   *[other] Done. { $count } browsers were signed out of all portals.
}
end-others = Sign out everywhere else
this-browser = this browser
signed-in-since = Signed in
device = { $browser } on { $system }
device-unknown = Unknown browser

## No access
no-access-title = No access to { $portal }
no-access-text = { $portal } doesn't know this { $brand }.
use-another = Use another { $brand }
go-to-portal = Go to one of yours

## Cookies
cookies-title = Your browser doesn't keep our cookies
cookies-text = Signing in takes one small cookie, and it didn't come back. That happens when cookies are blocked or deleted at once.
cookies-do = Allow cookies for this site, then try again.

## Errors
this-portal = This portal
to-start-of = Go to { $portal }
bad-request = We can't read that address
bad-request-text = The link or form holds something we don't understand. Check the address, or start again from the first page.
not-found = There's nothing here
not-found-text = The address may be mistyped, or the page has moved.
misdirected = This connection was meant for another site
misdirected-text = Your browser reused a connection it had made to a different address. Trying again opens a new one.
forbidden = That isn't open to you
forbidden-text = This address is closed, or the form came from another page. Go back, reload the page, then try once more.
method = This address doesn't take that
method-text = It can't be used this way. Go back and open the page again.
too-slow = That took too long to arrive
too-slow-text = Your connection brought too little for too long. Go back and try again, best on a better connection.
too-large = That's too large
too-large-text = What you sent is larger than this site takes. Go back and try something smaller.
uri-too-long = That address is too long
uri-too-long-text = Go back, or start again from the first page.
headers-too-large = Your browser sent too much at once
headers-too-large-text = Mostly that means too many cookies. Delete the cookies of this site, then open the page again.
upstream-down = { $portal } isn't answering
upstream-down-text = This has nothing to do with your sign-in. The page tries again by itself every 10 seconds.
upstream-slow = { $portal } is taking too long
upstream-slow-text = This has nothing to do with your sign-in. What you sent may have arrived all the same, so check before you send it again.
unavailable = We can't answer right now
unavailable-text = A part of { $brand } is busy or out of reach. That usually passes within seconds.
internal = Something broke on our side
internal-text = It has been noted. Try again; if it happens again, give your administrator the request id below.

## Moments
when-now = just now
when-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
when-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
when-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
when-date = { $day } { $month } { $year }
month = { $count ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}

## Mails
mail-code-subject = { $code } is your { $brand } code
mail-code-lead = Your code: { $code }
mail-code-use = { $count ->
    [one] Enter it on the page you came from. It works for one minute.
   *[other] Enter it on the page you came from. It works for { $count } minutes.
}
mail-code-other = You didn't ask for a code? Then someone mistyped their address, and you can ignore this message. Never pass the code on.
mail-known-subject = You already have a { $brand }
mail-known-lead = Someone, probably you, wanted to create a { $brand } with this address. It has one already, so nothing has changed.
mail-known-use = Sign in here:
mail-known-other = That wasn't you? You can ignore this message.
mail-new-subject = Your { $brand } is ready
mail-new-lead = This address now has a { $brand }. One sign-in opens all your portals.
mail-new-use = Your portals:
mail-new-other = That wasn't you? Then someone else can read your mail. Change the password of your mailbox, and tell your administrator.
