# The file's area is its name; see common.ftl for the conventions.

## Passwords
password-guessable = Esta senha é fácil demais de adivinhar. Acrescente uma ou duas palavras que não combinem entre si.
passwords-differ = Não é igual à de cima. Digite a nova senha mais uma vez.
new-password-again = Nova senha, mais uma vez
no-password-yet = Este { $brand } ainda não tem senha.
no-password-do = Podemos enviar uma mensagem para você definir uma.
set-password = Definir senha

## Asking for a new password
forgot-password = Esqueceu a senha?
sign-in-no-match-or-new = Esse e-mail e essa senha não combinam. Confira os dois ou peça uma nova senha.
forgot-title = Nova senha
forgot-lead = Digite seu e-mail. Enviamos uma mensagem para você escolher uma nova senha.
send = Enviar
back-to-sign-in = Voltar para a entrada

## The checkword
checkword-sent = Se { $email } pertence a um { $brand }, uma mensagem está a caminho. Pode levar um minuto; veja também o spam.
checkword-resent = Uma nova mensagem está a caminho. A palavra de controle da anterior não vale mais.
checkword = Palavra de controle
checkword-hint = Está na mensagem; maiúsculas e hifens não importam. Ou abra o link que vem nela.
resend-message-in = Nova mensagem em
resend-message = Enviar uma nova mensagem
checkword-no-match = Essa não é a palavra de controle da mensagem mais recente. Confira e tente de novo.
checkword-outdated = Isto é de uma mensagem anterior
checkword-outdated-text = Use a que foi enviada às { $time } ou peça uma nova.
checkword-used = Isto já foi usado
checkword-used-text = A senha foi definida depois disso. Entre com ela.
checkword-expired = Este link é antigo demais
checkword-expired-text = { $count ->
    [1] Este link tem mais de um minuto. Podemos enviar um novo.
    [60] Este link tem mais de uma hora. Podemos enviar um novo.
   *[other] Este link tem mais de { $count } minutos. Podemos enviar um novo.
}
checkword-unknown = Este link não funciona
checkword-unknown-text = Talvez esteja incompleto ou seja para outro site. Podemos enviar um novo.
checkword-was-for = Foi enviado para { $email }.

## The new password
new-password-title = Escolha uma nova senha
new-password-lead = Ela abre todos os seus portais e encerra suas sessões em todos os outros navegadores.
password-set-title = Sua senha é nova
password-set-text = { $count ->
    [0] Todos os outros navegadores saíram.
    [1] Ela abre o seu portal. Todos os outros navegadores saíram.
    [2] Ela vale nos dois portais. Todos os outros navegadores saíram.
   *[other] Ela vale nos { $count } portais. Todos os outros navegadores saíram.
}
password-set-notice = Uma mensagem sobre isso está a caminho de { $email }.
password-set-also = Também abrem seu { $brand }: { $list }. Remova o que não for seu.
continue-to = Continuar para { $portal }

## Mails
mail-checkword-subject = Uma nova senha para o seu { $brand }
mail-checkword-lead = Sua palavra de controle: { $code }
mail-checkword-email = E-mail: { $email }
mail-checkword-portal-name = { $portal }: { $name }
mail-checkword-portal-user = { $portal }: nome de usuário { $user }
mail-checkword-portal-both = { $portal }: { $name }, nome de usuário { $user }
mail-checkword-use = { $count ->
    [1] Digite a palavra de controle na página de onde você veio ou abra este link para escolher uma nova senha. Ela vale uma única vez, por um minuto.
   *[other] Digite a palavra de controle na página de onde você veio ou abra este link para escolher uma nova senha. Ela vale uma única vez, por { $count } minutos.
}
mail-checkword-other = Não pediu isto? Então alguém errou o próprio endereço, e você pode ignorar esta mensagem: sua senha continua a mesma. Nunca passe a palavra de controle adiante.
mail-password-subject = A senha do seu { $brand } mudou
mail-password-lead = Seu { $brand } tem uma nova senha. Ela vale em todos os seus portais, e todos os outros navegadores saíram.
mail-password-also = Também o abre: { $list }
mail-password-use = Se foi você, não há nada a fazer. Se não, defina outra senha aqui:
mail-password-other = Não foi você? Então talvez alguém consiga ler seus e-mails: mude também a senha da sua caixa de correio e avise o administrador.
