# The file's area is its name; see common.ftl for the conventions.

## Endereços
section-emails = E-mails
emails-title = E-mails
emails-lead = Você pode entrar com qualquer um deles. Escrevemos para o principal, e é só ele que os portais veem.
primary = principal
proof-none = Ainda não confirmado
proof-provider = Confirmado pelo serviço com que você entrou
proof-mail = Confirmado por e-mail
proof-operator = Confirmado pela sua administração
make-primary = Tornar principal
remove-address = Remover
add-address-title = Adicionar um e-mail
new-address = Novo e-mail
new-address-hint = Enviamos uma mensagem para lá, para que só você possa adicioná-lo.
add-address = Adicionar e-mail
email-added = Pronto. { $email } é seu, e você pode entrar com ele.
email-primary-changed = Pronto. { $email } agora é o seu e-mail principal em todos os seus portais.
email-removed = Pronto. { $email } não está mais entre os seus.
email-cancelled = Pronto. { $email } não será adicionado.
address-pending = Ainda não adicionado: falta o código da nossa mensagem
pending-enter = Digitar o código
pending-cancel = Cancelar
remove-title = Remover { $email }?
remove-text = Você não poderá mais entrar com este endereço nem encontrar portais por ele.
remove-portals = É por ele que conhecem você em { $portals }. O que está unido continua unido, mas o que você desfizer depois não poderá ser unido de novo com este endereço.
email-elsewhere = { $email } passou para outro { $brand } enquanto o código estava a caminho, então nada mudou aqui.
email-held = Este e-mail já é seu.
email-gone = Esse e-mail não está mais entre os seus. Esta é a lista de agora.
email-is-primary = O seu e-mail principal fica. Torne outro principal primeiro.
emails-most = Um { $brand } guarda até { $count } e-mails. Remova um antes de adicionar outro.
emails-waiting = Encontramos você em { $portals }.
emails-join = Ver
merge-link = Unir os dois
merge-other = Você tem outro { $brand }? Una os dois

## Ainda é você?
again-title = Ainda é você?
again-lead = O que você vai fazer é importante, então mostre mais uma vez que é você.
again-code-instead = Prefiro receber um código
again-by-code = Enviaremos um código de seis dígitos para { $email }.
again-send-code = Enviar código
again-no-way = Saia, entre de novo e volte aqui em até dez minutos.
again-done = Obrigado, é você. Agora escolha de novo o que queria mudar.
again-leave = Voltar ao perfil
again-back = Voltar

## E-mails sobre endereços
mail-again-use = { $count ->
    [one] Digite-o para mostrar que é você quem está mudando o seu { $brand }. Vale por um minuto.
   *[other] Digite-o para mostrar que é você quem está mudando o seu { $brand }. Vale por { $count } minutos.
}
mail-again-other = Você não está mudando nada agora? Então alguém está usando um navegador em que você entrou. Saia de todos na página “Sessões” e nunca passe o código adiante.
mail-add-use = { $count ->
    [one] Digite-o na página de onde você veio, e este endereço fará parte do seu { $brand }. Vale por um minuto.
   *[other] Digite-o na página de onde você veio, e este endereço fará parte do seu { $brand }. Vale por { $count } minutos.
}
mail-add-other = Você não adicionou este endereço a nenhum { $brand }? Então alguém digitou o próprio errado, e você pode ignorar esta mensagem. Nunca passe o código adiante.
mail-held-subject = Este endereço já tem um { $brand }
mail-held-lead = Alguém, provavelmente você, quis adicionar este endereço a outro { $brand }. Ele já tem um, então nada mudou.
mail-held-use = Se os dois são seus, você pode uni-los aqui:
mail-held-other = Não foi você? Pode ignorar esta mensagem.
mail-added-subject = O seu { $brand } tem um novo e-mail
mail-added-lead = Um e-mail foi adicionado ao seu { $brand }. A partir de agora você pode entrar com ele:
mail-primary-subject = O seu { $brand } tem outro e-mail principal
mail-primary-lead = O e-mail principal do seu { $brand } mudou. Agora escrevemos para cá:
mail-removed-subject = Um e-mail foi removido do seu { $brand }
mail-removed-lead = Este e-mail foi removido do seu { $brand }, e ninguém mais pode entrar com ele:
mail-changed-use = Não foi você? Então peça já uma nova senha com este endereço. Isso faz todos os outros saírem:
mail-changed-other = Depois, confira os e-mails no seu perfil. Se não conseguir entrar, avise a sua administração. Foi você? Então não há nada a fazer.

## De dois, um
merge-title = Unir com outro { $brand }
merge-lead = Tudo do outro passa a fazer parte deste: e-mails, formas de entrar e portais. Você mantém a senha e o e-mail principal deste.
merge-other-email = E-mail do outro
merge-other-password = Senha do outro
merge-code-instead = Enviar um código para esse e-mail
merge-code-sent = Se { $email } pertence a outro { $brand }, uma mensagem com um código de seis dígitos está a caminho. Pode levar um minuto; olhe também no spam.
merge-own = Este e-mail é do { $brand } com que você entrou. Digite um do outro.
merge-history = Unidos até agora
merge-at = Unido
merge-undone-at = Desfeito
merge-undo = Desfazer
merge-done = Pronto. Os dois agora são um.
merge-done-portals = Pronto. Entrar uma vez agora abre { $portals }.
merge-undo-done = Desfeito. O outro { $brand } tem de volta o que era dele, e a senha dele vale de novo.
merge-undo-impossible = Isso não pode ser desfeito agora. Ou nenhum dos e-mails dele restou para voltar, ou este { $brand } foi unido a outro depois.
merge-gone = Algo mudou nesse meio-tempo, então nada foi feito. Comece de novo por aqui.
merge-review-title = Veja antes de unir
merge-review-lead = { $other } passa a fazer parte de { $own }.
merge-changed = Algo mudou desde a última vez que você olhou. É isto que aconteceria agora.
merge-addresses = E-mails que vêm para cá
merge-ways = Formas de entrar
merge-password-ends = A senha do outro deixa de valer. A sua abre tudo.
merge-password-stays = A sua senha fica como está.
merge-portals = Portais que vêm para cá
merge-both = Portais que conhecem os dois
merge-both-hint = Em um portal você é uma só pessoa. Escolha quem fica; o outro volta a ficar livre.
merge-undo-hint = Os navegadores do outro saem. Você pode desfazer tudo isso depois, na página de onde veio.
merge-now = Unir
merge-not = Não unir

## E-mails sobre a união
mail-merge-use = { $count ->
    [one] Digite-o para mostrar que este { $brand } é seu e que pode ser unido àquele com que você entrou. Vale por um minuto.
   *[other] Digite-o para mostrar que este { $brand } é seu e que pode ser unido àquele com que você entrou. Vale por { $count } minutos.
}
mail-merge-other = Você não está unindo nada? Então outra pessoa quer o que pertence a este endereço. Nunca passe o código adiante, e nada acontecerá.
mail-unmergeable-subject = Este endereço não tem { $brand }
mail-unmergeable-lead = Alguém, provavelmente você, quis unir o { $brand } deste endereço a outro. Não há nenhum, então nada mudou.
mail-unmergeable-use = Se você só quer entrar com este endereço, adicione-o aqui:
mail-merged-subject = Dois agora são um
mail-merged-lead = Outro { $brand } passou a fazer parte do seu. Estes e-mails vieram com ele:
mail-merged-use = Aqui você pode ver e desfazer:
mail-merged-other = Não foi você? Então peça já uma nova senha; isso faz todos os outros saírem. Se não conseguir entrar, avise a sua administração.
mail-away-subject = O seu { $brand } agora faz parte de outro
mail-away-lead = Os seus e-mails e portais agora pertencem ao { $brand } com este endereço:
mail-away-use = De agora em diante, entre por lá. Não foi você? Então peça aqui uma nova senha com este endereço:
mail-away-other = Ela leva você para dentro do outro e faz todos os outros saírem; lá você pode desfazer. Se não der certo, avise a sua administração, que também pode desfazer.
mail-unmerged-subject = O seu { $brand } está separado de novo
mail-unmerged-lead = A união foi desfeita. Cada { $brand } tem de novo os seus e-mails, os seus portais e a sua senha.
mail-unmerged-use = Entre com o que você precisar:
mail-unmerged-other = Não foi você? Peça uma nova senha para os dois.
