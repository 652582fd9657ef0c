# A primeira entrada e a página dos portais; critérios em common.ftl.

## Listas
list-and = { $rest } e { $last }
list-and-i = { $rest } e { $last }

## Comprovar o endereço
welcome-title = Boas-vindas
prove-title = Comprove o seu endereço
prove-portals = Sua senha abre { $portals }. Mostre que este endereço é seu e, entrando uma vez, você abre todos os portais que o conhecem.
prove-other-password = Esta é a sua senha em { $portals }, não a do seu { $brand }. Mostre que este endereço é seu e una os portais: a partir daí você entra neles como no seu { $brand }, e esta senha deixa de valer.
prove-provider = Antes de continuar com { $provider }, mostre que este endereço é seu.
prove-unproved = Você ainda não mostrou que { $email } é seu. Mostre e, entrando uma vez, você abre todos os portais que conhecem este endereço.
prove-send = Enviar um código
prove-no-mail = Não dá para enviar uma mensagem a { $email } agora. Espere um minuto e peça um código.
prove-impossible = Este serviço não envia e-mails, então não dá para comprovar { $email } aqui. Quem administra pode ajudar.
prove-later = Ir só para { $portal } e comprovar depois
prove-later-hint = Até você comprovar o endereço, nada mais se abre.
prove-later-taken = Alguém já entrou com { $email } e não comprovou o endereço. Comprove, e ele é só seu.
prove-later-gone = Esse portal não conhece mais você por este endereço, por isso não dá para continuar nele.
prove-sign-in = Entrar com a senha do seu { $brand }
not-now = Agora não
unproved-note = Você ainda não comprovou o seu endereço, por isso só um portal se abre.

## Onde termina
code-elsewhere = Digite este código onde você começou
code-elsewhere-text = Ele só vale no navegador que o pediu: volte àquela página e digite o código lá. Nada foi gasto. Se você não pediu um código, não o passe adiante.
code-elsewhere-next = Entrar por aqui mesmo
welcome-refused = Não dá para entrar com este { $brand }
welcome-refused-text = Ele foi bloqueado ou está para ser excluído. Quem administra pode ajudar.
linked-elsewhere = Essa conta de { $provider } abre outro { $brand }
linked-elsewhere-text = Entre com { $provider } para chegar a ele. Para usá-la aqui, desconecte-a primeiro lá.

## Unir
join-title = { $count ->
    [one] Encontramos você em um portal
   *[other] Encontramos você em { $count } portais
}
join-lead = { $count ->
    [one] Ele conhece { $email }. Una-o, e o seu { $brand } passa a abri-lo.
   *[other] Eles conhecem { $email }. Una-os e, entrando uma vez, você abre todos.
}
join-which = Este portal tem o seu endereço várias vezes. Qual deles é você?
join-none-of-these = Nenhum destes
join = Unir
join-hint = Você pode desfazer isso quando quiser, na página “{ $page }”.
join-ahead = Se você não o unir, { $portal } não abre.
join-none-ticked = { $count ->
    [one] Marque o portal ou escolha “Agora não”.
   *[other] Marque pelo menos um portal ou escolha “Agora não”.
}
join-password = { $count ->
    [one] Ele abre com a senha do seu { $brand }. A que você tinha nele deixa de valer.
   *[other] Eles abrem com a senha do seu { $brand }. As que você tinha neles deixam de valer.
}
join-password-typed = { $count ->
    [one] A senha que você acabou de usar é agora a do seu { $brand } e abre este portal assim que você o unir.
   *[other] A senha que você acabou de usar é agora a do seu { $brand } e abre todos os portais que você unir. As que você tinha nos outros deixam de valer.
}
join-password-none = { $count ->
    [one] Ele abre do mesmo jeito que você entra no seu { $brand }. A senha que você tinha nele deixa de valer.
   *[other] Eles abrem do mesmo jeito que você entra no seu { $brand }. As senhas que você tinha neles deixam de valer.
}
joined = Pronto. Entrando uma vez, você agora abre { $portals }.
joined-many = { $count ->
    [one] Pronto. Entrando uma vez, você agora abre um portal.
   *[other] Pronto. Entrando uma vez, você agora abre { $count } portais.
}
no-access-found = { $portal } tem um perfil com o seu endereço. Una-o e pode entrar.

## A página dos portais
manage-portals = Quem você é nos seus portais
manage-portals-lead = O que o seu { $brand } abre, e com qual perfil.
opened-title = Abrem entrando uma vez
how-added = Adicionado pelo portal
how-address = Unido porque lá conhecem o seu endereço,
how-password = Unido com a senha do portal
how-operator = Unido pela administração
how-invited = Você aceitou um convite
how-created = Criado por você
portal-is-told = O portal recebe: { $who }
portal-record = Perfil no portal: { $who }
undo = Desfazer a união
undo-title = Desfazer a união com { $portal }?
undo-text = Seu { $brand } deixa de abrir { $portal }. O perfil de lá ({ $name }) fica como está.
undo-again = Você pode uni-lo de novo depois.
undo-again-with = O portal conhece você por { $email }, que não está entre os seus endereços. Para uni-lo de novo, você terá que adicionar esse endereço antes.
undo-not-again = O portal não tem nenhum endereço seu, então você não poderá uni-lo de novo por conta própria. Quem o administra teria que dar acesso a você.
undo-keep = Manter
unjoined = Pronto. Seu { $brand } não abre mais { $portal }.
journal-title = Histórico
journal-address = Você uniu { $portal }, que conhece o seu endereço.
journal-password = Você uniu { $portal } com a senha do portal.
journal-operator = A administração uniu { $portal }.
journal-undone = Você desfez a união com { $portal }.
journal-undone-operator = A administração desfez a união com { $portal }.

## Mensagens
mail-joining-portals = { $count ->
    [one] Depois de digitá-lo, você escolhe se quer unir { $portals }.
   *[other] Depois de digitá-lo, você escolhe quais destes quer unir: { $portals }.
}
mail-joining-use = { $count ->
    [one] Digite-o na página de onde você veio ou abra este link no mesmo navegador. Vale por um minuto.
   *[other] Digite-o na página de onde você veio ou abra este link no mesmo navegador. Vale por { $count } minutos.
}
mail-joining-other = Não tentou entrar? Então não passe o código adiante: com ele, outra pessoa chega aos seus portais. De resto, pode ignorar esta mensagem.
mail-new-password = A senha dele é a que você acabou de usar para entrar. Ela vale em todos os portais que você unir.
mail-joined-subject = { $count ->
    [one] Um novo portal no seu { $brand }
   *[other] Novos portais no seu { $brand }
}
mail-joined-lead = { $count ->
    [one] Entrando uma vez, você agora abre também este portal:
   *[other] Entrando uma vez, você agora abre também estes portais:
}
mail-joined-use = { $count ->
    [one] Ele abre do mesmo jeito que você entra no seu { $brand }; a senha que você tinha nele deixa de valer. Veja ou desfaça aqui:
   *[other] Eles abrem do mesmo jeito que você entra no seu { $brand }; as senhas que você tinha neles deixam de valer. Veja ou desfaça aqui:
}
mail-joined-other = Não foi você? Desfaça lá e mude a sua senha.
mail-unjoined-subject = { $portal } não faz mais parte do seu { $brand }
mail-unjoined-lead = A união com { $portal } foi desfeita. Seu perfil lá fica como está.
mail-unjoined-use = Seus portais:
mail-unjoined-other = Não foi você? Mude a sua senha.
