# The file's area is its name; see common.ftl for the conventions.

## Around every page
not-you = Это не вы?
switched-out = Вы вышли. Войдите с другим { $brand }.

## Asking for access
no-access-knows = Он знает тех, кого добавили его администраторы.
ask-for-access = Запросить доступ
ask-hint = Администраторы портала «{ $portal }» увидят ваше имя и адрес { $email }.
access-asked = Вы запросили доступ
access-asked-owners = Администраторы портала «{ $portal }» уже знают. Когда они ответят, вы получите письмо.
access-asked-nobody = На запросы к порталу «{ $portal }» в { $brand } пока никто не отвечает. Ваш запрос хранится 30 дней; если вы кого-то там знаете, напишите и ему.
access-declined = Вы запросили доступ. Администраторы отказали { $date }.
ask-again = Запросить снова
portal-decides = Кого впустить, решает портал «{ $portal }».
id-ready = Ваш { $brand } готов.

## Portals that know one
home-waiting-many = { $count ->
    [one] Мы нашли вас на { $count } портале.
   *[many] Мы нашли вас на { $count } порталах.
}
home-provable = Возможно, адрес { $email } известен какому-то порталу. Подтвердите кодом из письма, что он ваш, и портал можно будет присоединить.

## Portals one runs
owned-title = Порталы, которыми вы управляете
people-hint = Люди, запросы, приглашения
requests-open = { $count ->
    [one] { $count } запрос
    [few] { $count } запроса
    [many] { $count } запросов
   *[other] { $count } запроса
}

## People of a portal
people-title = Люди портала «{ $portal }»
requests-title = { $count ->
    [one] { $count } человек просит доступ
    [few] { $count } человека просят доступ
    [many] { $count } человек просят доступ
   *[other] { $count } человека просят доступ
}
asked = Запрос отправлен
approve = Впустить
decline = Отклонить
request-approved = Готово. Человек уже может пользоваться порталом и получит письмо об этом.
request-declined = Запрос отклонён. { $name } получит письмо об этом.
request-answered = Этот запрос уже закрыт: на него ответил кто-то другой или он устарел.
invite-title = Пригласить людей
emails = Адреса электронной почты
emails-hint = Один или несколько, до 20. На каждый придёт письмо со ссылкой для одного человека.
invite = Отправить приглашения
emails-missing = Введите хотя бы один адрес.
emails-invalid = «{ $typed }» — не адрес электронной почты. Приглашения не отправлены.
emails-too-many = За один раз можно пригласить не больше 20 человек.
uses = Или ссылка, которую вы передадите сами: на сколько человек?
uses-hint = Войти сможет любой, у кого есть ссылка, в течение 7 дней. От 1 до 50 человек.
uses-wrong = Введите число от 1 до 50.
make-link = Создать ссылку
link-made = Вот ваша ссылка. Она показывается только сейчас, поэтому скопируйте её, прежде чем уйти.
link-label = Ссылка
invited = { $count ->
    [one] { $count } приглашение отправлено.
    [few] { $count } приглашения отправлены.
    [many] { $count } приглашений отправлено.
   *[other] { $count } приглашения отправлены.
}
invitations-title = Открытые приглашения
invitations-too-many = У портала уже 100 открытых приглашений. Отзовите часть, прежде чем отправлять новые.
invitation-link = Ссылка
invitation-used = Вошли { $used } из { $count }
expires-in = { $count ->
    [one] Действует ещё { $count } день
    [few] Действует ещё { $count } дня
    [many] Действует ещё { $count } дней
   *[other] Действует ещё { $count } дня
}
revoke = Отозвать
invitation-revoked = Готово. По этому приглашению больше никто не войдёт.
members-title = Участники
members-more = { $count ->
    [one] В списке { $count } человек. Остальных ищите по имени или адресу.
    [few] В списке первые { $count }. Остальных ищите по имени или адресу.
    [many] В списке первые { $count }. Остальных ищите по имени или адресу.
   *[other] В списке первые { $count }. Остальных ищите по имени или адресу.
}
find-person = Найти человека
nobody-found = По запросу «{ $query }» никого нет.
show-everybody = Показать всех
you = вы
member-joined = Присоединение:
remove = Убрать
remove-member-title = Убрать участника { $name } с портала «{ $portal }»?
remove-member-text = Портал «{ $portal }» сразу закроется для участника { $name }. Вернуться можно будет, только если человека впустят снова.
remove-member-keep = Не убирать
member-removed = Готово. Для участника { $name } портал больше не открывается.
role-owner = Владелец
role-admin = Администратор
role-employee = Сотрудник
copy = Копировать
copied = Скопировано

## Invitations
invitation-title = Вас приглашают на портал «{ $portal }»
invitation-from = Приглашает { $name } ({ $email })
invitation-text = Примите приглашение, и «{ $portal }» появится среди ваших порталов. Он увидит ваше имя и адрес.
invitation-first = Сначала войдите или создайте { $brand }. После этого вы вернётесь сюда.
accept = Принять
open-portal = Открыть портал
invitation-member = Вы уже на портале «{ $portal }»
invitation-member-text = Принимать больше нечего.
invitation-was-used = Приглашение уже использовано
invitation-used-text = Все, кому оно предназначалось, уже на портале «{ $portal }». Если это были не вы, попросите новое.
invitation-was-yours = Вы уже воспользовались этим приглашением
invitation-yours-text = Вас больше нет на портале «{ $portal }», а приглашение впускает каждого один раз. Попросите у администраторов новое.
invitation-expired = Приглашение устарело
invitation-expired-text = Приглашение на портал «{ $portal }» действует 7 дней. Попросите новое.
invitation-withdrawn = Приглашение отозвано
invitation-withdrawn-text = Администраторы портала «{ $portal }» могут прислать новое.
invitation-unknown = Такого приглашения нет
invitation-unknown-text = Возможно, ссылка обрезана. Откройте её ещё раз из письма или попросите новую.

## Mails
mail-asked-subject = Запрос доступа: { $portal }
mail-asked-lead = Человек просит доступ к порталу { $portal }, которым вы управляете.
mail-asked-use = Посмотрите, кто это, и ответьте:
mail-asked-other = Пока никто не ответил, портал { $portal } для этого человека закрыт.
mail-granted-subject = Портал { $portal } открыт для вас
mail-granted-lead = Вы просили доступ к порталу { $portal }, и теперь он у вас есть.
mail-granted-use = Откройте его здесь:
mail-declined-subject = Нет доступа к порталу { $portal }
mail-declined-lead = Вы просили доступ к порталу { $portal }. Его администраторы отказали.
mail-declined-use = Ваши порталы здесь:
mail-access-other = Не просили? Значит, кто-то пользуется вашим { $brand }. Смените пароль.
mail-invitation-subject = Приглашение на портал { $portal }
mail-invitation-lead = Администраторы портала { $portal } приглашают вас присоединиться.
mail-invitation-use = { $count ->
    [one] Посмотрите, кто приглашает, и примите приглашение. Ссылка действует { $count } день и для одного человека:
    [few] Посмотрите, кто приглашает, и примите приглашение. Ссылка действует { $count } дня и для одного человека:
    [many] Посмотрите, кто приглашает, и примите приглашение. Ссылка действует { $count } дней и для одного человека:
   *[other] Посмотрите, кто приглашает, и примите приглашение. Ссылка действует { $count } дня и для одного человека:
}
mail-invitation-other = Не знаете этих людей? Просто не обращайте внимания на письмо. Никому не передавайте ссылку.
