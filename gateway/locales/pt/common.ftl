# Português (do Brasil). Tratamento por «você»; frases curtas; primeiro o que houve, depois o que fazer.

## Around every page
languages = Idioma
request-id = Id da solicitação
sections = Suas páginas
section-portals = Portais
section-profile = Sobre você
section-sessions = Sessões
sign-out = Sair
continue = Continuar
try-again = Tentar de novo

## Sign in
sign-in = Entrar
sign-in-now = Entrar
to-portal = para continuar em { $portal }
to-join = para participar de { $portal }
email = E-mail
password = Senha
show = Mostrar
show-password = Mostrar senha
hide = Ocultar
hide-password = Ocultar senha
no-account = Primeira vez aqui?
sign-up = Criar um { $brand }
sign-in-no-match = Esse e-mail e essa senha não combinam. Confira os dois e tente de novo.
sign-in-incomplete = Digite seu e-mail e sua senha.
too-many = { $count ->
    [one] Foram tentativas demais. Você pode tentar de novo em um minuto.
   *[other] Foram tentativas demais. Você pode tentar de novo em { $count } minutos.
}
busy = Muita gente está entrando agora. Espere alguns segundos e tente de novo.
form-expired = Esta página ficou aberta por tempo demais; aqui está uma nova. Tente de novo.

## Create a Bitrix ID
name = Seu nome
to-put-right = { $count ->
    [one] Um dado precisa de atenção:
   *[other] { $count } dados precisam de atenção:
}
password-hint = Pelo menos { $count } caracteres. Algumas palavras em sequência funcionam bem.
have-account = Já tem um { $brand }?
name-missing = Digite seu nome.
name-too-long = O nome pode ter até 100 caracteres.
email-invalid = Digite um e-mail como anna@example.com.
password-too-short = A senha precisa de pelo menos { $count } caracteres.
password-too-long = Esta senha é longa demais. Use até 1024 caracteres.
password-common = Esta senha está entre as primeiras que se tentam. Escolha outra.
password-is-email = Esta senha repete seu e-mail. Escolha outra.
mail-failed = Não foi possível enviar a mensagem. Espere um minuto e tente de novo.

## The code from the mail
confirm-title = Confira seu e-mail
confirm-sent = Uma mensagem com um código de seis dígitos está a caminho de { $email }. Pode levar um minuto; olhe também no spam.
confirm-resent = Uma nova mensagem está a caminho. O código da anterior não vale mais.
code-or-else = Uma mensagem está a caminho de { $email }. Digite o código que ela traz ou, se não trouxer nenhum, siga o que ela diz. Pode levar um minuto; olhe também no spam.
message-resent = Uma nova mensagem está a caminho. Códigos das anteriores não valem mais.
code = Código
resend-in = Novo código em
seconds = s
resend = Enviar um novo código
other-address = Usar outro endereço
code-no-match = Esse não é o código da última mensagem. Confira e tente de novo.
code-too-many = Esse código foi tentado vezes demais e não vale mais. Peça um novo abaixo.
code-expired = Esse código é antigo demais. Peça um novo abaixo.
resend-too-soon = Uma mensagem acabou de sair. Espere um minuto antes de pedir outra.

## On the way

## Sign out
sign-out-title = Sair?
signed-in-as = Você entrou como { $email }.
sign-out-text = Você vai sair de { $brand } e de todos os portais neste navegador.
stay = Continuar conectado
signed-out-title = Você saiu
signed-out-text = Este navegador saiu de { $brand } e de todos os portais.
sign-in-again = Entrar de novo

## Portals
portals-title = Seus portais
portals-none = Você ainda não tem portais. Quando um portal adicionar { $email }, ele aparece aqui.
find-portal = Buscar um portal
find = Buscar
none-found = Nenhum portal combina com “{ $query }”.
show-all = Mostrar todos os portais
current = atual
last-used = Último uso:

## Profile
profile-title = Sobre você
profile-saved = { $count ->
    [0] Salvo.
    [1] Salvo. Seu portal mostra em alguns minutos.
    [2] Salvo. Seus dois portais mostram em alguns minutos.
   *[other] Salvo. Seus { $count } portais mostram em alguns minutos.
}
name-hint = { $count ->
    [0] Os portais mostram este nome.
    [1] Seu portal mostra este nome.
    [2] Seus dois portais mostram este nome.
   *[other] Seus { $count } portais mostram este nome.
}
language = Idioma
language-hint = Para estas páginas e nossas mensagens.
save = Salvar

## Sign-in and security
section-security = Segurança
security-title = Acesso e segurança
security-lead = { $count ->
    [0] Uma senha nova encerra suas sessões em todos os outros navegadores.
    [1] A senha nova abre o seu portal e encerra suas sessões em todos os outros navegadores.
    [2] A senha nova vale de uma vez nos dois portais e encerra suas sessões em todos os outros navegadores.
   *[other] A senha nova vale de uma vez nos { $count } portais e encerra suas sessões em todos os outros navegadores.
}
security-changed = { $count ->
    [0] Pronto. A senha é nova, e todos os outros navegadores saíram.
    [1] Pronto. A senha é nova no seu portal, e todos os outros navegadores saíram.
    [2] Pronto. A senha é nova nos dois portais, e todos os outros navegadores saíram.
   *[other] Pronto. A senha é nova nos { $count } portais, e todos os outros navegadores saíram.
}
current-password = Senha atual
new-password = Nova senha
current-no-match = Essa não é sua senha atual. Confira e tente de novo.
password-is-current = Essa é sua senha atual. Escolha outra.
change-password = Mudar a senha

## Sessions
sessions-title = Sessões
sessions-lead = Os navegadores em que você entrou.
sessions-ended = { $count ->
    [0] Pronto. Não havia mais nenhuma sessão aberta.
    [1] Pronto. Um navegador saiu de todos os portais.
   *[other] Pronto. { $count } navegadores saíram de todos os portais.
}
end-others = Sair de todos os outros
this-browser = este navegador
signed-in-since = Início:
device = { $browser } no { $system }
device-unknown = Navegador desconhecido

## No access
no-access-title = Sem acesso a { $portal }
no-access-text = { $portal } não conhece este { $brand }.
use-another = Usar outro { $brand }
go-to-portal = Ir para um dos seus

## Cookies
cookies-title = Seu navegador não guarda nossos cookies
cookies-text = Para entrar é preciso um pequeno cookie, e ele não voltou. Isso acontece quando os cookies estão bloqueados ou são apagados na hora.
cookies-do = Permita cookies para este site e tente de novo.

## Errors
this-portal = Este portal
to-start-of = Ir para { $portal }
bad-request = Não conseguimos ler esse endereço
bad-request-text = O link ou o formulário traz algo que não entendemos. Confira o endereço ou recomece pela primeira página.
not-found = Não há nada aqui
not-found-text = Talvez o endereço tenha sido digitado errado, ou a página mudou de lugar.
misdirected = Esta conexão era para outro site
misdirected-text = Seu navegador reaproveitou uma conexão feita para outro endereço. Tentar de novo abre uma nova.
forbidden = Isso não está aberto para você
forbidden-text = Este endereço está fechado, ou o formulário veio de outra página. Volte, recarregue a página e tente mais uma vez.
method = Este endereço não aceita isso
method-text = Ele não pode ser usado assim. Volte e abra a página de novo.
too-slow = Isso chegou devagar demais
too-slow-text = Sua conexão enviou muito pouco por tempo demais. Volte e tente de novo, de preferência com uma conexão melhor.
too-large = Isso é grande demais
too-large-text = O que você enviou é maior do que este site aceita. Volte e tente algo menor.
uri-too-long = Esse endereço é longo demais
uri-too-long-text = Volte ou recomece pela primeira página.
headers-too-large = Seu navegador enviou coisas demais de uma vez
headers-too-large-text = Quase sempre são cookies demais. Apague os cookies deste site e abra a página de novo.
upstream-down = { $portal } não está respondendo
upstream-down-text = Não é problema do seu acesso. A página tenta de novo sozinha a cada 10 segundos.
upstream-slow = { $portal } está demorando demais
upstream-slow-text = Não é problema do seu acesso. O que você enviou pode ter chegado mesmo assim: verifique antes de enviar outra vez.
unavailable = Não conseguimos responder agora
unavailable-text = Uma parte de { $brand } está sobrecarregada ou fora de alcance. Costuma passar em segundos.
internal = Algo falhou do nosso lado
internal-text = O erro foi registrado. Tente de novo; se ele voltar, informe ao administrador o id da solicitação abaixo.

## Moments
when-now = agora mesmo
when-minutes = { $count ->
    [one] há { $count } minuto
   *[other] há { $count } minutos
}
when-hours = { $count ->
    [one] há { $count } hora
   *[other] há { $count } horas
}
when-days = { $count ->
    [one] há { $count } dia
   *[other] há { $count } dias
}
when-date = { $day } de { $month } de { $year }
month = { $count ->
    [1] janeiro
    [2] fevereiro
    [3] março
    [4] abril
    [5] maio
    [6] junho
    [7] julho
    [8] agosto
    [9] setembro
    [10] outubro
    [11] novembro
   *[12] dezembro
}

## Mails
mail-code-subject = { $code } é seu código de { $brand }
mail-code-lead = Seu código: { $code }
mail-code-use = { $count ->
    [one] Digite-o na página de onde você veio. Ele vale por um minuto.
   *[other] Digite-o na página de onde você veio. Ele vale por { $count } minutos.
}
mail-code-other = Não pediu um código? Então alguém errou o próprio endereço, e você pode ignorar esta mensagem. Nunca passe o código adiante.
mail-known-subject = Você já tem um { $brand }
mail-known-lead = Alguém, provavelmente você, quis criar um { $brand } com este endereço. Ele já existe, então nada mudou.
mail-known-use = Entre aqui:
mail-known-other = Não foi você? Pode ignorar esta mensagem.
mail-new-subject = Seu { $brand } está pronto
mail-new-lead = Este endereço agora tem um { $brand }. Entrando uma vez, você abre todos os seus portais.
mail-new-use = Seus portais:
mail-new-other = Não foi você? Então alguém consegue ler seus e-mails. Mude a senha da sua caixa de correio e avise o administrador.
