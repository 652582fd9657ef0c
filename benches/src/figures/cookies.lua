-- For wrk: one cookie of a file with each request. Arguments: PATH HOST FILE COUNT once|again

local head, cookies, at, again = "", {}, 0, false

function init(arguments)
  head = "GET " .. arguments[1] .. " HTTP/1.1\r\nHost: " .. arguments[2] .. "\r\nCookie: "
  local count = tonumber(arguments[4])
  for cookie in io.lines(arguments[3]) do
    if #cookies >= count then break end
    cookies[#cookies + 1] = cookie
  end
  again = arguments[5] == "again"
end

function request()
  at = at + 1
  if at > #cookies then
    if again then
      at = 1
    else
      wrk.thread:stop()
      at = #cookies
    end
  end
  return head .. cookies[at] .. "\r\n\r\n"
end
