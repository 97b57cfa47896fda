"""OneRoster files as tests need them: a small district, and a way to change a line of it."""

import io
import zipfile

MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,{version}\n"
DISTRICT = {
    "orgs": """sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
D,active,2026-08-01,Bay District,district,,
HS,active,2026-08-01,Bay High,school,,D
MS,,,Bay Middle,School,,D
MATH,,,Mathematics,department,,HS
""",
    "academicSessions": """sourcedId,status,title,type,startDate,endDate,parentSourcedId,schoolYear
Y,active,2026-27,schoolYear,2026-09-07,2027-06-18,,2027
F,active,Fall 2026,semester,2026-09-07,2026-12-18,Y,2027
S,active,Spring 2027,semester,2027-01-05,2027-06-18,Y,2027
""",
    "courses": """sourcedId,status,title,courseCode,orgSourcedId
ALG,,Algebra 1,M1,HS
""",
    "classes": (
        "sourcedId,status,title,courseSourcedId,classCode,classType,schoolSourcedId,"
        "termSourcedIds,periods\n"
        "A1,,Algebra 1,ALG,ALG-1,scheduled,HS,F,1\n"
        "A2,,Algebra 1,ALG,ALG-2,scheduled,HS,F,2\n"
        "A3,,,ALG,ALG-3,scheduled,HS,F,\n"
        "H7,,Room 7,,,homeroom,MS,F,\n"
    ),
    "users": (
        "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,"
        "agentSourcedIds,grades,password,prefferedGivenName\n"
        "P1,active,TRUE,HS,administrator,ep,Elena,Marsh,elena@bay.example,,,hunter2,\n"
        'T1,active,true,"HS,MS",teacher,ta,Thomas,Ash,tom@bay.example,,,hunter2,Tom\n'
        "T2,,1,MATH,teacher,nb,Noor,Bakker,noor@bay.example,,,hunter2,\n"
        "S1,Active,FALSE,HS,student,se,Sue,Elm,,G1,09,hunter2,\n"
        "S2,,,MS,student,oe,Oz,Elm,,,07,hunter2,\n"
        'G1,,,D,parent,ge,Gus,Elm,gus@home.example,"S1,S2",,hunter2,\n'
    ),
    "enrollments": """sourcedId,status,classSourcedId,userSourcedId,role,primary,beginDate,endDate
E1,,A1,T1,teacher,true,,
E2,,A1,S1,student,,2026-09-07,
E3,,A2,T2,teacher,,,
E4,,H7,T1,teacher,,,
E5,,H7,S2,student,,2026-11-02,2026-12-18
""",
}

# The demo school, with what people write into files
UNTIDY = {
    "orgs": "sourcedId,name,type\nA,Alder Creek,school\n",
    "users": """\
sourcedId,orgSourcedIds,role,givenName,familyName,email
EM,A,administrator,Elena,Marsh,elena.marsh@aldercreek.example
new,A,teacher,Vera,Lind,vera.lind@aldercreek.example
wrong,A,wizard,Ada,Wrong,
none,A,teacher,Bo,Nomail,not an address
""",
    "academicSessions": """\
sourcedId,title,type,startDate,endDate
F,Next fall,semester,2098-09-07,2098-12-18
""",
}


def changed(old, new, files=DISTRICT):
    """The same files with a line, or a piece of one, written otherwise."""
    found = {name: text.replace(old, new) for name, text in files.items()}
    assert found != files, old
    return found


def without(*starts, files=DISTRICT):
    """The same files without the lines that begin so."""
    found = {
        name: "".join(
            line for line in text.splitlines(keepends=True) if not line.startswith(starts)
        )
        for name, text in files.items()
    }
    assert found != files, starts
    return found


def manifest(version="1.1", *, absent=(), **modes):
    names = [name for name in DISTRICT if name not in absent]
    modes = dict.fromkeys(names, "bulk") | modes
    lines = [f"file.{name},{mode}\n" for name, mode in modes.items()]
    return MANIFEST.format(version=version) + "".join(lines)


def write(folder, files):
    """The files in a folder, which is answered."""
    folder.mkdir(exist_ok=True, parents=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in files.items():
        content = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.csv").write_bytes(content)
    return folder


def zipped(files=DISTRICT, *, into=""):
    """The files as the bytes of a zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{into}{name}.csv", text)
    return content.getvalue()
