# The file's area is its name; see common.ftl for the conventions.

## A new portal
new-portal = Criar um novo Bitrix24
new-portal-lead = Ele é seu na hora, e você pode convidar pessoas.
portal-title = Nome
portal-address = Endereço
address-hint = De 3 a 40 letras (a–z), algarismos e hifens. Não muda depois.
create-portal = Criar
address-free = { $address } está livre.
portal-title-missing = Digite um nome.
portal-title-too-long = O nome pode ter até 100 caracteres.
address-suggested = Sugerimos um endereço. Confira e pressione Criar.
address-missing = Digite um endereço.
address-too-short = O endereço precisa de pelo menos 3 caracteres.
address-too-long = O endereço pode ter até 40 caracteres.
address-characters = Use apenas letras a–z, algarismos e hifens entre eles.
address-reserved = Este endereço é reservado. Escolha outro.
address-taken = Outro portal tem este endereço ou um parecido. Escolha outro.
portals-none-left = Você já criou todos os portais que um { $brand } permite. Se precisar de outro, fale com o administrador.
portal-soon = Seu portal foi criado. Ele abre em instantes.
