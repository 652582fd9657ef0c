# Accounts at providers. See common.ftl for the conventions; { $provider } is a provider's name.

## Buttons
section-social = Social
social-or = or
social-with = Continue with { $provider }
social-cancelled = You didn't finish at { $provider }. Sign in another way, or try again.

## A provider signed nobody in
social-failed-title = { $provider } didn't sign you in
social-refused = The answer from { $provider } doesn't hold, so nobody was signed in. Trying again often helps.
social-stale = This sign-in began in another browser or too long ago. Begin again.
social-unreachable-title = { $provider } can't be reached
social-unreachable = { $provider } doesn't answer right now. Try again in a moment, or sign in another way.
social-too-many = That was a lot of tries. Wait a few minutes, or sign in another way.
social-not-allowed = This { $brand } can't be used to sign in. Ask the people who run it, or use another one.
social-other-way = Sign in another way

## A word from you
social-address-title = Your e-mail address
social-address-lead = { $provider } told us no address. Enter yours, and we send a code to it.
social-confirm-title = You already have a { $brand }
social-confirm-lead = { $email } belongs to a { $brand }. Show that it's yours, and { $provider } opens it too.
social-send-code = Send a code to this address
social-no-match = That isn't the password of this { $brand }. Check it, or have a code sent.
social-belongs-title = This { $provider } account opens another { $brand }
social-belongs-lead = It opens { $owner }.
social-belongs-told = { $provider } tells { $email }, which is a different one.
social-go-on = Go on as { $owner }
social-merge-hint = Both yours?
social-merge = Bring the two together
social-cancel = Cancel

## What is connected
social-title = Social sign-in
social-lead = Accounts elsewhere that open your { $brand }.
social-none = Nothing is connected yet.
social-linked = Done. { $provider } opens your { $brand } now.
social-already = { $provider } was connected before. Nothing changed.
social-unlinked = Done. { $provider } no longer opens your { $brand }.
social-elsewhere = That { $provider } account opens another { $brand } and stays there.
social-not-finished = You didn't finish at { $provider }. Nothing changed.
social-confirmed = Thank you. You can connect and disconnect for the next few minutes.
social-last-way = Without it you couldn't sign in any more. Set a password first, or connect something else.
social-gone = That account is no longer connected.
social-since = Connected
social-never-used = not used yet
social-disconnect = Disconnect
social-connect-title = Connect an account
social-connect = Connect { $provider }

## Mails
mail-linked-subject = { $brand }: { $provider } was connected
mail-linked-lead = An account at { $provider } now opens your { $brand }.
mail-links-use = See what is connected:
mail-linked-other = Wasn't that you? Disconnect it there and change your password.
mail-unlinked-subject = { $brand }: { $provider } was disconnected
mail-unlinked-lead = An account at { $provider } no longer opens your { $brand }.
mail-unlinked-other = Wasn't that you? Sign in, sign out everywhere else and change your password.
