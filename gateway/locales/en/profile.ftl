# The file's area is its name; see common.ftl for the conventions.

# Your own details, sessions, leaving.

## You
name-hint-some = { $count ->
    [0] No portal shows this name: you chose another one there.
    [1] 1 of your { $total } portals shows this name. On the rest you chose another.
   *[other] { $count } of your { $total } portals show this name. On the rest you chose another.
}
profile-saved-some = { $count ->
    [0] Saved. No portal shows it: you chose another name there.
    [1] Saved. 1 of your { $total } portals shows it within a few minutes.
   *[other] Saved. { $count } of your { $total } portals show it within a few minutes.
}
phone = Phone
phone-hint = With the country code, like +49 30 12345678. No portal is told.
phone-invalid = Enter the number with its country code, like +49 30 12345678, or leave it empty.
time-zone = Time zone
time-zone-is = Times on these pages and in our mails are in { $zone }.
time-zone-change = Change the time zone
time-zone-area = Part of the world
time-zone-show = Show places
time-zone-place = Nearest place
time-zone-browser = This browser's time zone:
time-zone-use = Use it
area-africa = Africa
area-america-a-l = America, A–L
area-america-m-z = America, M–Z
area-antarctica = Antarctica
area-arctic = Arctic
area-asia = Asia
area-atlantic = Atlantic Ocean
area-australia = Australia
area-europe = Europe
area-indian = Indian Ocean
area-pacific = Pacific Ocean
time-zone-none = Use UTC instead
time-zone-saved = Saved. Times are now shown in { $zone }. Portals keep their own.
time-zone-unknown = Choose a place from the list.
back-to-profile = Back to your profile
photo = Photo
photo-alt = Your photo
photo-file = Choose a picture
photo-hint = { $count ->
    [0] JPEG, PNG or WebP, up to 5 MB. Portals can show it.
    [1] JPEG, PNG or WebP, up to 5 MB. Your portal can show it.
    [2] JPEG, PNG or WebP, up to 5 MB. Both of your portals can show it.
   *[other] JPEG, PNG or WebP, up to 5 MB. All { $count } of your portals can show it.
}
photo-use = Use this picture
photo-remove = Remove the photo
photo-saved = { $count ->
    [0] Saved.
    [1] Saved. Your portal shows it when it next asks.
    [2] Saved. Both portals show it when they next ask.
   *[other] Saved. All { $count } portals show it when they next ask.
}
photo-removed = { $count ->
    [0] The photo is gone.
    [1] The photo is gone, from your portal as well when it next asks.
    [2] The photo is gone, from both portals as well when they next ask.
   *[other] The photo is gone, from all { $count } portals as well when they next ask.
}
photo-missing = Choose a picture first.
photo-unreadable = We can't read that as a picture. Choose a JPEG, PNG or WebP.
photo-too-large = That picture has too many pixels. Make it smaller, then try again.

## The name on one portal
own-name-link = Name on { $portal }
own-name-heading = You on { $portal }
own-name-lead = Only { $portal } shows what you enter here.
own-name = Name on { $portal }
own-name-hint = Leave it empty to be called { $name } there too.
own-title = Title
own-title-hint = For example “Head of Sales”. Leave it empty for none.
own-title-too-long = Your title can have up to 100 characters.
own-name-saved = Saved. { $portal } shows it from now on; your other portals don't.

## Sessions
session-by-password = with the password
session-by-code = with a code from a mail
session-by-link = with a linked account
session-from = From { $address }
session-opened = Opened { $portals }
session-ended = Done. { $device } was signed out.
sessions-ended-portals = It had opened { $portals }.
end-all = Sign out everywhere, here too

## A browser not seen before
mail-device-subject = New sign-in to your { $brand }
mail-device-lead = Somebody signed in with your { $brand } in a browser that hadn't done so before.
mail-device-time = Time: { $time }
mail-device-browser = Browser: { $browser }
mail-device-address = Network address: { $address }
mail-device-use = If this was not you, sign that browser out here. The link works for 7 days:
mail-device-other = Was it you? Then there is nothing to do.
not-me-title = Was this not you?
not-me-text = This signs one browser out of { $brand } and of every portal. Nothing else changes.
not-me-time = Time
not-me-browser = Browser
not-me-address = Network address
not-me-end = Sign this browser out
not-me-was-me = It was me
not-me-ended-title = That browser is signed out
not-me-ended-text = It is signed out of { $brand } and of every portal.
not-me-ended-next = Whoever it was may know your password. A new one signs everybody else out as well.
not-me-password = Set a new password
not-me-gone-text = It was used already, that browser signed out by itself, or more than 7 days have passed. Your sessions show who is signed in.
not-me-sessions = Go to your sessions
link-gone-title = This link no longer works

## The person's data
data-title = Download my data
data-holds = One file with everything { $brand } holds about you: your details, addresses and photo, your portals and how they were joined, linked accounts, sessions, and what happened when.
data-not = It holds no password and nothing else that lets anybody sign in. What a portal keeps about you stays there; ask the people who run it.
data-download = Download the file

## Leaving
delete-title = Delete my { $brand }
delete-heading = Delete your { $brand }?
delete-now = You're signed out at once, in every browser and of every portal.
delete-then = On { $date } your { $brand } is deleted: name, addresses, photo, linked accounts. Nobody can bring it back then.
delete-keep = Until then you can keep it: sign in, or use the link in the mail we send you.
delete-keep-mail = Until then you can keep it with the link in the mail we send you.
delete-keep-sign-in = Until then you can keep it: sign in.
delete-no-way-back = This can't be done here. You have nothing to sign in with again and no mail from us would reach you, so you couldn't change your mind. Ask the people who run { $brand } to delete it for you.
delete-portals = { $count ->
    [1] This portal stops knowing you by it:
    [2] Both portals stop knowing you by it:
   *[other] These { $count } portals stop knowing you by it:
}
delete-portals-keep = What they keep about you stays with them. A new { $brand } with the same address can join your profiles there again.
runs-alone = You run { $portals } and nobody else does. Without you, nobody answers requests there or invites people.
delete-stay = Leave everything as it is
leaving-note = Your { $brand } will be deleted on { $date }. Changed your mind? Sign in before then, and you can keep it.
mail-leaving-subject = Your { $brand } will be deleted on { $date }
mail-leaving-lead = You asked for your { $brand } to be deleted. That happens on { $date }; until then it is signed out everywhere.
mail-leaving-use = Changed your mind? Keep it here:
mail-leaving-other = Was it not you? Then keep it with the link above and set a new password.
keep-title = Your { $brand } will be deleted
keep-text = That happens on { $date }, as you asked. Until then it can't be used, and you can still keep it.
keep-keep = Keep it
keep-go = Let it go
keep-kept-title = Your { $brand } stays
keep-kept-text = Nothing was deleted. Sign in, and everything is as it was.
keep-kept-here = Nothing was deleted. You're signed in, and everything is as it was.
keep-nothing-text = It was used already, or it is too old. If you can sign in, your { $brand } stays.

## Moments
when-full = { $date }, { $time } ({ $zone })
