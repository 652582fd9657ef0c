# Аккаунты в других сервисах. Правила в common.ftl; { $provider } — название сервиса.

## Кнопки
section-social = Соцсети
social-or = или
social-with = Продолжить через { $provider }
social-cancelled = Вход через { $provider } не завершён. Войдите другим способом или попробуйте ещё раз.

## Сервис никого не подтвердил
social-failed-title = Войти через { $provider } не получилось
social-refused = Ответ от { $provider } не прошёл проверку, поэтому вход не состоялся. Часто помогает вторая попытка.
social-stale = Этот вход начат в другом браузере или слишком давно. Начните заново.
social-unreachable-title = { $provider } не отвечает
social-unreachable = { $provider } сейчас не отвечает. Попробуйте чуть позже или войдите другим способом.
social-too-many = Слишком много попыток. Подождите несколько минут или войдите другим способом.
social-not-allowed = Войти с этим { $brand } нельзя. Обратитесь к тем, кто им управляет, или возьмите другой.
social-other-way = Войти другим способом

## Нужно ваше слово
social-address-title = Ваш адрес e-mail
social-address-lead = { $provider } не сообщает адрес. Введите свой, и мы пришлём на него код.
social-confirm-title = У вас уже есть { $brand }
social-confirm-lead = { $email } относится к одному { $brand }. Подтвердите, что он ваш, и { $provider } тоже будет его открывать.
social-send-code = Прислать код на этот адрес
social-no-match = Это не пароль этого { $brand }. Проверьте его или запросите код.
social-belongs-title = Этот аккаунт { $provider } открывает другой { $brand }
social-belongs-lead = Он открывает { $owner }.
social-belongs-told = { $provider } называет { $email }, а это другой.
social-go-on = Продолжить как { $owner }
social-merge-hint = Оба ваши?
social-merge = Объединить их
social-cancel = Отмена

## Что подключено
social-title = Соцсети
social-lead = Аккаунты в других сервисах, которые открывают ваш { $brand }.
social-none = Пока ничего не подключено.
social-linked = Готово. Теперь { $provider } открывает ваш { $brand }.
social-already = { $provider } уже был подключён. Ничего не изменилось.
social-unlinked = Готово. { $provider } больше не открывает ваш { $brand }.
social-elsewhere = Этот аккаунт { $provider } открывает другой { $brand } и остаётся у него.
social-not-finished = Вход через { $provider } не завершён. Ничего не изменилось.
social-confirmed = Спасибо. В ближайшие минуты можно подключать и отключать аккаунты.
social-last-way = Без него войти было бы нечем. Сначала задайте пароль или подключите другой аккаунт.
social-gone = Этот аккаунт уже не подключён.
social-since = Подключён
social-never-used = ещё не использован
social-disconnect = Отключить
social-connect-title = Подключить аккаунт
social-connect = Подключить { $provider }

## Письма
mail-linked-subject = { $brand }: подключён { $provider }
mail-linked-lead = Аккаунт { $provider } теперь открывает ваш { $brand }.
mail-links-use = Посмотрите, что подключено:
mail-linked-other = Это были не вы? Отключите его там и смените пароль.
mail-unlinked-subject = { $brand }: отключён { $provider }
mail-unlinked-lead = Аккаунт { $provider } больше не открывает ваш { $brand }.
mail-unlinked-other = Это были не вы? Войдите, завершите все остальные сеансы и смените пароль.
