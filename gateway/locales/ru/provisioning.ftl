# The file's area is its name; see common.ftl for the conventions.

## A new portal
new-portal = Создать новый Битрикс24
new-portal-lead = Он сразу станет вашим, и вы сможете пригласить людей.
portal-title = Название
portal-address = Адрес
address-hint = От 3 до 40 латинских букв (a–z), цифр и дефисов. Потом адрес не меняется.
create-portal = Создать
address-free = Адрес { $address } свободен.
portal-title-missing = Введите название.
portal-title-too-long = Название может содержать до 100 символов.
address-suggested = Мы предлагаем адрес. Проверьте его и нажмите «Создать».
address-missing = Введите адрес.
address-too-short = В адресе должно быть не меньше 3 символов.
address-too-long = В адресе может быть до 40 символов.
address-characters = Используйте только латинские буквы a–z, цифры и дефисы между ними.
address-reserved = Этот адрес зарезервирован. Выберите другой.
address-taken = У другого портала уже такой адрес или очень похожий. Выберите другой.
portals-none-left = Вы создали столько порталов, сколько можно с одним { $brand }. Если нужен ещё один, обратитесь к администратору.
portal-soon = Портал создан. Он откроется через мгновение.
