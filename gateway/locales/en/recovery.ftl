# The file's area is its name; see common.ftl for the conventions.

## Passwords
password-guessable = This password is too easy to guess. Add a word or two that don't belong together.
passwords-differ = This isn't the same as above. Type the new password once more.
new-password-again = New password, once more
no-password-yet = This { $brand } has no password yet.
no-password-do = We can mail you a message with which you set one.
set-password = Set password

## Asking for a new password
forgot-password = Forgot your password?
sign-in-no-match-or-new = That e-mail and password don't match. Check both, or get a new password.
forgot-title = Get a new password
forgot-lead = Enter your e-mail address. We send a message with which you choose a new password.
send = Send
back-to-sign-in = Back to sign-in

## The checkword
checkword-sent = If { $email } belongs to a { $brand }, a message is on its way. It can take a minute; look in spam too.
checkword-resent = A new message is on its way. The checkword from the earlier one no longer works.
checkword = Checkword
checkword-hint = From the message; capitals and hyphens don't matter. Or open the link in it.
resend-message-in = New message in
resend-message = Send a new message
checkword-no-match = That isn't the checkword from the newest message. Check it, then try again.
checkword-outdated = This is from an earlier message
checkword-outdated-text = Use the one sent at { $time }, or have a new one sent.
checkword-used = This was used already
checkword-used-text = The password has been set since. Sign in with it.
checkword-expired = This link is too old
checkword-expired-text = { $count ->
    [1] This link is older than a minute. We can send a new one.
    [60] This link is older than an hour. We can send a new one.
   *[other] This link is older than { $count } minutes. We can send a new one.
}
checkword-unknown = This link doesn't work
checkword-unknown-text = It may be incomplete, or meant for another site. We can send a new one.
checkword-was-for = It was sent to { $email }.

## The new password
new-password-title = Choose a new password
new-password-lead = It opens all your portals, and signs you out everywhere else.
password-set-title = Your password is new
password-set-text = { $count ->
    [0] Every other browser was signed out.
    [1] It opens your portal. Every other browser was signed out.
    [2] It holds on both portals. Every other browser was signed out.
   *[other] It holds on all { $count } portals. Every other browser was signed out.
}
password-set-notice = A message about this is on its way to { $email }.
password-set-also = These also open your { $brand }: { $list }. Take away what is not yours.
continue-to = Continue to { $portal }

## Mails
mail-checkword-subject = A new password for your { $brand }
mail-checkword-lead = Your checkword: { $code }
mail-checkword-email = E-mail: { $email }
mail-checkword-portal-name = { $portal }: { $name }
mail-checkword-portal-user = { $portal }: user name { $user }
mail-checkword-portal-both = { $portal }: { $name }, user name { $user }
mail-checkword-use = { $count ->
    [1] Enter the checkword on the page you came from, or open this link to choose a new password. It works once, for one minute.
   *[other] Enter the checkword on the page you came from, or open this link to choose a new password. It works once, for { $count } minutes.
}
mail-checkword-other = You didn't ask for it? Then someone mistyped their address, and you can ignore this message: your password stays as it is. Never pass the checkword on.
mail-password-subject = The password of your { $brand } was changed
mail-password-lead = Your { $brand } has a new password. It holds on all your portals, and every other browser was signed out.
mail-password-also = Also opens it: { $list }
mail-password-use = If that was you, there is nothing to do. If not, set another password here:
mail-password-other = That wasn't you? Then someone else may be able to read your mail: change the password of your mailbox too, and tell your administrator.
