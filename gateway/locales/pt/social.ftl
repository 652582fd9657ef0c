# Contas noutros serviços. Convenções: common.ftl; { $provider } é o nome de um serviço.

## Botões
section-social = Contas sociais
social-or = ou
social-with = Continuar com { $provider }
social-cancelled = Você não terminou em { $provider }. Entre de outra forma ou tente de novo.

## O serviço não identificou ninguém
social-failed-title = Não foi possível entrar com { $provider }
social-refused = A resposta de { $provider } não é válida, por isso ninguém entrou. Tentar de novo costuma ajudar.
social-stale = Esta entrada começou em outro navegador ou há muito tempo. Comece de novo.
social-unreachable-title = { $provider } não responde
social-unreachable = { $provider } não responde agora. Tente daqui a pouco ou entre de outra forma.
social-too-many = Foram muitas tentativas. Espere alguns minutos ou entre de outra forma.
social-not-allowed = Não é possível entrar com este { $brand }. Fale com quem o administra ou use outro.
social-other-way = Entrar de outra forma

## Uma palavra sua
social-address-title = Seu endereço de e-mail
social-address-lead = { $provider } não informou nenhum endereço. Digite o seu e enviaremos um código.
social-confirm-title = Você já tem um { $brand }
social-confirm-lead = { $email } pertence a um { $brand }. Mostre que é seu, e { $provider } também o abrirá.
social-send-code = Enviar um código para este endereço
social-no-match = Essa não é a senha deste { $brand }. Confira ou peça um código.
social-belongs-title = Esta conta de { $provider } abre outro { $brand }
social-belongs-lead = Ela abre { $owner }.
social-belongs-told = { $provider } informa { $email }, que é outro.
social-go-on = Continuar como { $owner }
social-merge-hint = Os dois são seus?
social-merge = Juntar os dois
social-cancel = Cancelar

## O que está conectado
social-title = Contas sociais
social-lead = Contas de outros lugares que abrem seu { $brand }.
social-none = Nada está conectado ainda.
social-linked = Pronto. { $provider } agora abre seu { $brand }.
social-already = { $provider } já estava conectado. Nada mudou.
social-unlinked = Pronto. { $provider } não abre mais seu { $brand }.
social-elsewhere = Essa conta de { $provider } abre outro { $brand } e fica lá.
social-not-finished = Você não terminou em { $provider }. Nada mudou.
social-confirmed = Obrigado. Nos próximos minutos você pode conectar e desconectar contas.
social-last-way = Sem ela você não poderia mais entrar. Defina antes uma senha ou conecte outra conta.
social-gone = Essa conta não está mais conectada.
social-since = Conectada
social-never-used = ainda não usada
social-disconnect = Desconectar
social-connect-title = Conectar uma conta
social-connect = Conectar { $provider }

## E-mails
mail-linked-subject = { $brand }: { $provider } foi conectado
mail-linked-lead = Uma conta de { $provider } agora abre seu { $brand }.
mail-links-use = Veja o que está conectado:
mail-linked-other = Não foi você? Desconecte lá e troque sua senha.
mail-unlinked-subject = { $brand }: { $provider } foi desconectado
mail-unlinked-lead = Uma conta de { $provider } não abre mais seu { $brand }.
mail-unlinked-other = Não foi você? Entre, saia de todos os outros lugares e troque sua senha.
