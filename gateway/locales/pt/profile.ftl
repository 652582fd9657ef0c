# The file's area is its name; see common.ftl for the conventions.

# Your own details, sessions, leaving.

## You
name-hint-some = { $count ->
    [0] Nenhum portal mostra este nome: lá você escolheu outro.
    [1] 1 dos seus { $total } portais mostra este nome. Nos demais você escolheu outro.
   *[other] { $count } dos seus { $total } portais mostram este nome. Nos demais você escolheu outro.
}
profile-saved-some = { $count ->
    [0] Salvo. Nenhum portal mostra: lá você escolheu outro nome.
    [1] Salvo. 1 dos seus { $total } portais mostra em alguns minutos.
   *[other] Salvo. { $count } dos seus { $total } portais mostram em alguns minutos.
}
phone = Telefone
phone-hint = Com o código do país, como +49 30 12345678. Nenhum portal recebe.
phone-invalid = Digite o número com o código do país, como +49 30 12345678, ou deixe em branco.
time-zone = Fuso horário
time-zone-is = As horas destas páginas e das nossas mensagens são de { $zone }.
time-zone-change = Mudar o fuso horário
time-zone-area = Parte do mundo
time-zone-show = Mostrar lugares
time-zone-place = Lugar mais próximo
time-zone-browser = Fuso horário deste navegador:
time-zone-use = Usar este
area-africa = África
area-america-a-l = América, A–L
area-america-m-z = América, M–Z
area-antarctica = Antártida
area-arctic = Ártico
area-asia = Ásia
area-atlantic = Oceano Atlântico
area-australia = Austrália
area-europe = Europa
area-indian = Oceano Índico
area-pacific = Oceano Pacífico
time-zone-none = Usar UTC
time-zone-saved = Salvo. As horas agora são de { $zone }. Os portais mantêm o deles.
time-zone-unknown = Escolha um lugar da lista.
back-to-profile = Voltar ao perfil
photo = Foto
photo-alt = Sua foto
photo-file = Escolha uma imagem
photo-hint = { $count ->
    [0] JPEG, PNG ou WebP, até 5 MB. Os portais podem mostrá-la.
    [1] JPEG, PNG ou WebP, até 5 MB. Seu portal pode mostrá-la.
    [2] JPEG, PNG ou WebP, até 5 MB. Seus dois portais podem mostrá-la.
   *[other] JPEG, PNG ou WebP, até 5 MB. Seus { $count } portais podem mostrá-la.
}
photo-use = Usar esta imagem
photo-remove = Remover a foto
photo-saved = { $count ->
    [0] Salva.
    [1] Salva. Seu portal mostra quando pedir de novo.
    [2] Salva. Seus dois portais mostram quando pedirem de novo.
   *[other] Salva. Seus { $count } portais mostram quando pedirem de novo.
}
photo-removed = { $count ->
    [0] A foto foi removida.
    [1] A foto foi removida; do seu portal também, quando ele pedir de novo.
    [2] A foto foi removida; dos seus dois portais também, quando pedirem de novo.
   *[other] A foto foi removida; dos seus { $count } portais também, quando pedirem de novo.
}
photo-missing = Escolha primeiro uma imagem.
photo-unreadable = Não conseguimos ler isso como imagem. Escolha um JPEG, PNG ou WebP.
photo-too-large = Essa imagem tem pixels demais. Reduza-a e tente de novo.

## The name on one portal
own-name-link = Nome em { $portal }
own-name-heading = Você em { $portal }
own-name-lead = Só { $portal } mostra o que você escrever aqui.
own-name = Nome em { $portal }
own-name-hint = Deixe em branco para se chamar { $name } lá também.
own-title = Cargo
own-title-hint = Por exemplo, “Gerente de vendas”. Deixe em branco para nenhum.
own-title-too-long = O cargo pode ter até 100 caracteres.
own-name-saved = Salvo. { $portal } mostra a partir de agora; seus outros portais, não.

## Sessions
session-by-password = com a senha
session-by-code = com um código de um e-mail
session-by-link = com uma conta vinculada
session-from = De { $address }
session-opened = Abriu { $portals }
session-ended = Pronto. { $device } saiu.
sessions-ended-portals = Tinha aberto { $portals }.
end-all = Sair de todos, inclusive daqui

## A browser not seen before
mail-device-subject = Nova entrada com seu { $brand }
mail-device-lead = Alguém entrou com seu { $brand } em um navegador que nunca tinha feito isso.
mail-device-time = Hora: { $time }
mail-device-browser = Navegador: { $browser }
mail-device-address = Endereço de rede: { $address }
mail-device-use = Se não foi você, encerre essa sessão aqui. O link vale por 7 dias:
mail-device-other = Foi você? Então não precisa fazer nada.
not-me-title = Não foi você?
not-me-text = Isto tira um navegador de { $brand } e de todos os portais. Nada mais muda.
not-me-time = Hora
not-me-browser = Navegador
not-me-address = Endereço de rede
not-me-end = Encerrar essa sessão
not-me-was-me = Fui eu
not-me-ended-title = Essa sessão foi encerrada
not-me-ended-text = Ele saiu de { $brand } e de todos os portais.
not-me-ended-next = Quem quer que tenha sido pode saber sua senha. Uma nova encerra também todas as outras sessões.
not-me-password = Definir uma nova senha
not-me-gone-text = Ele já foi usado, essa sessão terminou sozinha ou se passaram mais de 7 dias. Suas sessões mostram quem está dentro.
not-me-sessions = Ir para suas sessões
link-gone-title = Este link não vale mais

## The person's data
data-title = Baixar meus dados
data-holds = Um arquivo com tudo o que { $brand } guarda sobre você: seus dados, endereços e foto, seus portais e como foram unidos, contas vinculadas, sessões e o que aconteceu e quando.
data-not = Não contém senha nem nada que permita entrar. O que um portal guarda sobre você fica lá; pergunte a quem o administra.
data-download = Baixar o arquivo

## Leaving
delete-title = Excluir meu { $brand }
delete-heading = Excluir seu { $brand }?
delete-now = Você sai na hora, em todos os navegadores e de todos os portais.
delete-then = Em { $date } seu { $brand } é excluído: nome, endereços, foto, contas vinculadas. Depois ninguém consegue trazê-lo de volta.
delete-keep = Até lá você pode mantê-lo: entre, ou use o link da mensagem que enviamos.
delete-keep-mail = Até lá você pode mantê-lo com o link da mensagem que enviamos.
delete-keep-sign-in = Até lá você pode mantê-lo: é só entrar.
delete-no-way-back = Aqui não é possível. Você não teria como entrar de novo e nenhuma mensagem nossa chegaria até você; não daria para mudar de ideia. Peça a quem administra o { $brand } que o exclua por você.
delete-portals = { $count ->
    [1] Este portal deixa de reconhecer você por ele:
    [2] Os dois portais deixam de reconhecer você por ele:
   *[other] Estes { $count } portais deixam de reconhecer você por ele:
}
delete-portals-keep = O que eles guardam sobre você continua lá. Um novo { $brand } com o mesmo endereço pode unir seus perfis de novo.
runs-alone = Só você administra { $portals }. Sem você, ninguém responde aos pedidos de lá nem convida pessoas.
delete-stay = Deixar tudo como está
leaving-note = Seu { $brand } será excluído em { $date }. Mudou de ideia? Entre antes disso e você poderá mantê-lo.
mail-leaving-subject = Seu { $brand } será excluído em { $date }
mail-leaving-lead = Você pediu a exclusão do seu { $brand }. Ela acontece em { $date }; até lá ele está fora de todos os navegadores.
mail-leaving-use = Mudou de ideia? Mantenha-o aqui:
mail-leaving-other = Não foi você? Mantenha-o com o link acima e defina uma nova senha.
keep-title = Seu { $brand } será excluído
keep-text = Isso acontece em { $date }, como você pediu. Até lá ele não pode ser usado, e você ainda pode mantê-lo.
keep-keep = Manter
keep-go = Deixar excluir
keep-kept-title = Seu { $brand } fica
keep-kept-text = Nada foi excluído. Entre, e tudo estará como antes.
keep-kept-here = Nada foi excluído. Você entrou, e tudo está como antes.
keep-nothing-text = Ele já foi usado ou é antigo demais. Se você consegue entrar, seu { $brand } fica.

## Moments
when-full = { $date }, { $time } ({ $zone })
