# The file's area is its name; see common.ftl for the conventions.

## Around every page
not-you = Não é você?
switched-out = Você saiu. Entre com outro { $brand }.

## Asking for access
no-access-knows = Ele conhece as pessoas que os administradores adicionaram.
ask-for-access = Pedir acesso
ask-hint = Quem cuida de { $portal } vê seu nome e { $email }.
access-asked = Você pediu acesso
access-asked-owners = Quem cuida de { $portal } já foi avisado. Quando responderem, você recebe uma mensagem.
access-asked-nobody = No { $brand }, ninguém responde ainda aos pedidos de { $portal }. O seu fica guardado por 30 dias; se conhece alguém de lá, avise também.
access-declined = Você pediu acesso. Em { $date } disseram que não.
ask-again = Pedir de novo
portal-decides = { $portal } decide quem entra.
id-ready = Seu { $brand } está pronto.

## Portals that know one
home-waiting-many = Encontramos você em { $count } portais.
home-provable = Talvez um portal conheça { $email }. Mostre com um código enviado por e-mail que o endereço é seu e poderá uni-lo.

## Portals one runs
owned-title = Portais que você administra
people-hint = Pessoas, pedidos, convites
requests-open = { $count ->
    [one] 1 pedido
   *[other] { $count } pedidos
}

## People of a portal
people-title = Pessoas de { $portal }
requests-title = { $count ->
    [one] Uma pessoa pede acesso
   *[other] { $count } pessoas pedem acesso
}
asked = Pedido feito
approve = Dar acesso
decline = Recusar
request-approved = Pronto. A pessoa já pode usar o portal e recebe uma mensagem.
request-declined = Você recusou o pedido de { $name }. A pessoa recebe uma mensagem.
request-answered = Esse pedido não está mais aberto: outra pessoa respondeu ou ele expirou.
invite-title = Convidar pessoas
emails = Endereços de e-mail
emails-hint = Um ou vários, até 20. Cada um recebe uma mensagem com um link para uma pessoa.
invite = Enviar convites
emails-missing = Digite ao menos um endereço de e-mail.
emails-invalid = “{ $typed }” não é um endereço de e-mail. Nenhum convite foi enviado.
emails-too-many = Convide até 20 pessoas por vez.
uses = Ou um link para compartilhar: para quantas pessoas?
uses-hint = Quem tiver o link pode entrar durante 7 dias. De 1 a 50 pessoas.
uses-wrong = Digite um número de 1 a 50.
make-link = Criar um link
link-made = Aqui está o seu link. Ele só aparece agora; copie antes de sair desta página.
link-label = Link
invited = { $count ->
    [one] O convite está a caminho.
   *[other] { $count } convites estão a caminho.
}
invitations-title = Convites abertos
invitations-too-many = Este portal tem 100 convites abertos. Cancele alguns antes de enviar mais.
invitation-link = Link
invitation-used = { $used } de { $count } entraram
expires-in = { $count ->
    [one] Termina em menos de um dia
   *[other] Termina em { $count } dias
}
revoke = Cancelar
invitation-revoked = Pronto. Esse convite não dá mais acesso a ninguém.
members-title = Membros
members-more = { $count ->
    [one] A lista mostra uma pessoa. Procure as outras.
   *[other] A lista mostra as primeiras { $count }. Procure as outras por nome ou e-mail.
}
find-person = Procurar uma pessoa
nobody-found = Ninguém corresponde a “{ $query }”.
show-everybody = Mostrar todos
you = você
member-joined = Entrou:
remove = Remover
remove-member-title = Remover { $name } de { $portal }?
remove-member-text = { $portal } se fecha na hora para { $name }. A pessoa só volta se alguém a deixar entrar de novo.
remove-member-keep = Não remover
member-removed = Pronto. O portal não abre mais para { $name }.
role-owner = Proprietário
role-admin = Administrador
role-employee = Funcionário
copy = Copiar
copied = Copiado

## Invitations
invitation-title = Você recebeu um convite para { $portal }
invitation-from = De { $name } ({ $email })
invitation-text = Ao aceitar, { $portal } entra nos seus portais e vê seu nome e e-mail.
invitation-first = Entre primeiro ou crie um { $brand }. Depois você volta para cá.
accept = Aceitar
open-portal = Abrir o portal
invitation-member = Você já faz parte de { $portal }
invitation-member-text = Não há mais nada para aceitar.
invitation-was-used = Este convite já foi usado
invitation-used-text = Todos a quem ele se destinava já entraram em { $portal }. Se não foi você, peça um novo.
invitation-was-yours = Você já usou este convite
invitation-yours-text = Você não faz mais parte de { $portal }, e cada pessoa entra uma só vez com o mesmo convite. Peça um novo a quem cuida do portal.
invitation-expired = Este convite expirou
invitation-expired-text = Um convite para { $portal } vale 7 dias. Peça um novo.
invitation-withdrawn = Este convite foi cancelado
invitation-withdrawn-text = Quem cuida de { $portal } pode enviar um novo.
invitation-unknown = Não conhecemos este convite
invitation-unknown-text = O link pode estar cortado. Abra de novo a partir da mensagem ou peça outro.

## Mails
mail-asked-subject = Pedido de acesso a { $portal }
mail-asked-lead = Uma pessoa pede acesso a { $portal }, que você administra.
mail-asked-use = Veja quem é e responda:
mail-asked-other = Até que alguém responda, { $portal } continua fechado para essa pessoa.
mail-granted-subject = { $portal } está aberto para você
mail-granted-lead = Você pediu acesso a { $portal } e agora tem.
mail-granted-use = Abra aqui:
mail-declined-subject = Sem acesso a { $portal }
mail-declined-lead = Você pediu acesso a { $portal }. Quem cuida dele disse que não.
mail-declined-use = Seus portais estão aqui:
mail-access-other = Não foi você? Então alguém está usando o seu { $brand }. Troque a senha.
mail-invitation-subject = Convite para { $portal }
mail-invitation-lead = Quem cuida de { $portal } convida você a participar.
mail-invitation-use = { $count ->
    [one] Veja quem convida e aceite. O link vale um dia e para uma pessoa:
   *[other] Veja quem convida e aceite. O link vale { $count } dias e para uma pessoa:
}
mail-invitation-other = Não conhece essas pessoas? Pode ignorar esta mensagem. Não repasse o link.
