UPDATE accounts SET initial = substr(name, 1, 1)
WHERE id IN (SELECT id FROM accounts WHERE initial IS NULL LIMIT 50)
