"""Small files that the tests of pages put into forms."""

ROSTER = """\
external id,role,given name,family name,email,job
EM,leader,Elena,Marsh,elena.marsh@aldercreek.example,Principal
RC,administrator,Ruth,Calder,ruth.calder@aldercreek.example,
new,teacher,Vera,Lind,vera.lind@aldercreek.example,Grade 1
none,wizard,Ada,Wrong,,
"""
UNTIS = '1;"5a";"XX";"Math";"R1";1;1;;\r\n2;"5b";"LH";"Math";"R1";2;1;;\r\n'
ICALENDAR = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260907T081000\r\nDURATION:PT45M\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
DAYS = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Teachers' Planning Day\r\n"
    "DTSTART;VALUE=DATE:20261201\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\n"
    "SUMMARY:Picture Day\r\nDTSTART;VALUE=DATE:20261103\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:3\r\nSUMMARY:Bake sale\r\nDTSTART:20261104T140000\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:4\r\nSUMMARY:Broken holiday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
LESSONS = "day,period,teachers,subject\n1,Period 1,LH,English\n9,Period 1,LH,English\n"
BELLS = "schedule,period,start,end\nDrill,Period 1,9:00,9:30\nDrill,Period 2,9:10,9:40\n"

SCHOOLS = "name,number\nCreek Bay School,10\nMill Road School,11\n,12\n"
