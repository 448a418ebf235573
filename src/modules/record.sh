# record: all that a host knows of a file, in one shape whatever tools it has.

# record_form: sets record_form to what GNU's and BusyBox's stat shall print:
# numbers on a line, the three times with fractions, owner, group.
record_form() {
	record_form='full %f %u %g %s %h %i %d %X %Y %Z %b %o %t %T
%x
%y
%z
%U
%G'
}

# record PATH: prints the record of a path, of a link itself.
record() {
	record_form
	stat -c "${record_form}" -- "$1" 2>/dev/null && return 0
	stat -c %f / >/dev/null 2>&1 && return 1
	stat -f 'full %Xp %u %g %z %l %i %d %a %m %c %b %k 0 0
%Fa
%Fm
%Fc
%Su
%Sg' "$1" 2>/dev/null && return 0
	look_ls "$1"
}
