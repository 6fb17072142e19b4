"""How follow-ups are said, in both languages."""

from __future__ import annotations

from .parts import EN, FR

# {A} a condition as a phrase ("by X", "de X"), {B} as an adjective, {V} a new value, {O} the one it replaces, {N} the things asked for,
# {S} a superlative, {Q} a measure, {G} a group, {H} other things, {C} a column.

WORDS: dict[str, dict[str, str]] = {
    "value": {
        EN: "and {V}?|{V}?|what about {V}?|same for {V}|and for {V}?|how about {V}|{V} instead|switch to {V}|do {V} now|now {V}|I meant {V}, sorry|try {V}|the same with {V}|{V} please|and with {V}?|next: {V}"
            "|repeat that for {V}|could you do {V}?|ok now {V}|replace it with {V}|and the same question for {V}?|I'd also like to know for {V}|what if we take {V}|let's see {V}|same thing, {V}|not {O}, {V}|{V} rather than {O}",
        FR: "et {V} ?|{V} ?|et pour {V} ?|pareil pour {V}|même chose pour {V}|idem {V}|et avec {V} ?|plutôt {V}|non, {V}|je voulais dire {V}|pardon, {V}|maintenant {V}|remplace par {V}|passe à {V}|refais-le pour {V}"
            "|et si on prend {V} ?|même question pour {V}|fais {V}|tu peux faire {V} ?|la même chose avec {V} stp|et qu'en est-il de {V} ?|{V} maintenant|pas {O}, {V}|et {V} alors ?|ça donne quoi pour {V} ?|{V} au lieu de {O}",
    },
    "artist": {
        EN: "and {V}'s?|{V}'s?|what about {V}'s|and by {V}?|by {V}?|and from {V}?|those of {V} then|{V}'s now|and the ones by {V}?|ok, by {V}",
        FR: "et lui, {V} ?|et elle, {V} ?|et chez {V} ?|et du côté de {V} ?|côté {V} ?|et de {V} ?|ceux de {V} ?|et ceux de {V} ?|chez {V} maintenant|pour {V} cette fois",
    },
    "whose": {
        EN: "and {V}'s?|{V}'s?|what about {V}'s?|{V}'s now|how about {V}'s",
        FR: "et lui, {V} ?|et elle, {V} ?|et du côté de {V} ?|côté {V} ?|et côté {V}, alors ?",
    },
    "threshold": {
        EN: "make it {V}|{V} instead|change that to {V}|and with {V}?|{V}, not {O}|let's say {V}|rather {V}|go for {V}|{V} would be better|try {V}|set it to {V}|put {V} instead|I meant {V}|with {V} as the limit|hmm, {V}?"
            "|replace {O} by {V}|{V} rather than {O}|could you use {V}?|move the bar to {V}",
        FR: "mets {V}|plutôt {V}|passe à {V}|et avec {V} ?|disons {V}|non, {V}|change en {V}|{V} au lieu de {O}|fixe la barre à {V}|mets {V} à la place|je voulais dire {V}|et si c'était {V} ?|remplace {O} par {V}|{V}, pas {O}"
            "|essaie avec {V}|avec {V} comme seuil|déplace le seuil à {V}|tu peux mettre {V} ?",
    },
    "instead": {
        EN: "{V} instead of {O}|with {V} instead of {O}|replace {O} with {V}|swap {O} for {V}|not {O} but {V}|put {V} in place of {O}|{V} rather than {O}|same thing, {V} instead of {O}|what if {O} were {V}?|change {O} to {V}|take {V}, not {O}"
            "|and if we put {V} where {O} is?|exchange {O} for {V} please|I said {O}, I meant {V}|could you use {V} in place of {O}?",
        FR: "{V} au lieu de {O}|avec {V} au lieu de {O}|remplace {O} par {V}|pas {O} mais {V}|mets {V} à la place de {O}|{V} plutôt que {O}|pareil avec {V} à la place de {O}|et si {O} devient {V} ?|change {O} en {V}|prends {V}, pas {O}"
            "|j'ai dit {O}, je voulais dire {V}|échange {O} contre {V}|même question, {V} remplace {O}|tu peux mettre {V} au lieu de {O} ?|{O}, non : {V}",
    },
    "changed": {
        EN: "and {A}?|what about {A}?|same {A}|now {A}|how about {A}?|and {A} then?|same question {A}|{A} instead|rather {A}|no, {A}|sorry, I meant {A}|let's see {A}|same thing {A} please|ok and {A}|{A}?|could you repeat that {A}?"
            "|I'd like the same {A}|{A} this time|what do we get {A}?|do it again {A}",
        FR: "et {A} ?|{A} ?|pareil {A}|même chose {A}|plutôt {A}|non, {A}|et si je prends {A} ?|maintenant {A}|idem {A}|je voulais dire {A}|refais ça {A}|même question {A}|et sinon {A} ?|qu'est-ce que ça donne {A} ?|et {A} alors ?"
            "|tu peux refaire {A} ?|{A} cette fois|la même recherche {A}|pardon, {A}",
    },
    "swapped": {
        EN: "no, {A}|rather {A}|{A} instead|I meant {A}|sorry, {A}|what about {A}?|or {A}?|hmm, {A} then|make that {A}|let's say {A}|actually {A}|better: {A}|switch to {A}|and if it were {A}?|on second thoughts, {A}|change that to {A}|{A} rather than that",
        FR: "non, {A}|plutôt {A}|en fait {A}|je voulais dire {A}|pardon, {A}|et {A} à la place ?|ou alors {A}|bon, {A} plutôt|disons {A}|finalement {A}|oui mais {A} plutôt|mieux : {A}|{A} à la place|et si c'était {A} ?|change pour {A}|réflexion faite, {A}"
            "|{A} au lieu de ça",
    },
    "add_adjective": {
        EN: "only the {B} ones|just the {B} ones|{B} ones only|{B} only|which of those are {B}?|keep the {B} ones|I only want the {B} ones|but {B}|only {B} {N}|{B} {N} only please|just {B} ones please|limit it to {B} {N}"
            "|narrow it down to the {B} ones|leave only the {B} ones|could you keep just the {B} ones?|{B}, please|too many, just the {B} ones|filter: {B}|yes but {B}|and among them, the {B} ones?",
        FR: "seulement les {B}|uniquement les {B}|que les {B}|juste les {B}|garde les {B}|et parmi eux, les {B} ?|lesquels sont {B} ?|les {B} seulement|mais {B}|je veux seulement les {B}|ne garde que les {B}|limite-toi aux {B}"
            "|parmi ceux-là, lesquels sont {B} ?|rien que les {B}|tu peux garder les {B} ?|{B} uniquement|pareil mais {B}|les {B} svp|oui mais {B}|il y en a trop, juste les {B}",
    },
    "add_phrase": {
        EN: "only the ones {A}|only {A}|just those {A}|but {A}|{A} only|keep the ones {A}|I only want those {A}|and only {A}?|restrict that to the ones {A}|narrow it down to {N} {A}|limit it to those {A}|just the {N} {A}|{A} please"
            "|leave only those {A}|can we keep only the ones {A}?|same, but {A}|yes but {A}|and among those, the ones {A}?|too many, only the ones {A}|I should have said {A}",
        FR: "seulement ceux {A}|uniquement ceux {A}|que ceux {A}|juste {A}|{A} seulement|mais {A}|garde ceux {A}|je veux ceux {A}|et parmi eux, ceux {A} ?|ne garde que ceux {A}|limite-toi à ceux {A}|oui mais {A}|rien que ceux {A}"
            "|et {A} uniquement|pareil mais {A}|peux-tu garder seulement ceux {A} ?|{A} stp|il y en a trop, seulement ceux {A}|j'aurais dû préciser : {A}|restreins à ceux {A}",
    },
    "add_tail": {
        EN: "and {A}?|only {A}|just {A}|{A} only|but {A}|I mean {A}|{A} please|same but {A}|yes but {A}|and what about {A}?|narrow it down: {A}|now only {A}|what if we only look {A}?|and specifically {A}|limit that, {A}|{A}, I should have said|let's say {A}"
            "|could you do that {A}?|counting only what was {A}",
        FR: "et {A} ?|seulement {A}|uniquement {A}|mais {A}|oui mais {A}|{A} seulement|je veux dire {A}|juste {A}|rien que {A}|pareil mais {A}|et si on se limite, {A} ?|{A} stp|plus précisément {A}|même chose mais {A}|disons {A}|et ça donne quoi {A} ?"
            "|tu peux le faire {A} ?|{A}, j'aurais dû le dire|et maintenant, {A} uniquement",
    },
    "add_count": {
        EN: "how many of them {A}?|of which {A}?|and how many {A}?|and {A}, how many?|how many of these {A}|the number {A}|count only those {A}|only counting the ones {A}|how many if we only take those {A}?|and just {A}, how many",
        FR: "dont combien {A} ?|et combien {A} ?|combien parmi eux {A} ?|et {A}, combien ?|et rien que {A}, ça fait combien ?|compte seulement ceux {A}|en ne comptant que ceux {A}|combien si on garde ceux {A} ?|combien {A} là-dedans ?",
    },
    "add_count_adjective": {
        EN: "how many of them are {B}?|of which {B}?|and how many {B} ones?|only counting the {B} ones|how many {B} ones?|and {B}, how many?|how many are {B}|the number of {B} ones|count just the {B} ones|{B} ones only, how many?",
        FR: "dont combien de {B} ?|et combien de {B} ?|combien sont {B} ?|compte seulement les {B}|en ne comptant que les {B}|combien de {B} là-dedans ?|et rien que les {B}, ça fait combien ?|combien si on garde les {B} ?|parmi eux, combien sont {B} ?|et {B}, combien ?",
    },
    "changed_bare": {
        EN: "and {A}?|{A}?|what about {A}?|rather {A}|no, {A}|now {A}|I meant {A}|sorry, {A}|{A} instead|and {A} then?|how about {A}|{A} this time|ok, {A}|or {A}?|{A} please",
        FR: "et {A} ?|{A} ?|plutôt {A}|non, {A}|maintenant {A}|je voulais dire {A}|pardon, {A}|{A} cette fois|et {A} alors ?|et sinon {A} ?|bon, {A}|{A} stp|disons {A}|et si c'était {A} ?|ou alors {A} ?",
    },
    "each": {
        EN: "and in each country?|for every country|per country?|country by country|the same for each country|in each of the countries|do that for every country|and for all countries, one by one?|by country please|and what about each country on its own?|now the winner of each country|split by country",
        FR: "et dans chaque pays ?|pour chaque pays|par pays ?|pays par pays|la même chose pour chaque pays|dans chacun des pays|fais-le pour tous les pays, un par un|et pays par pays ?|par pays stp|et pour chaque pays séparément ?|maintenant dans chaque pays|détaille par pays",
    },
    "remove": {
        EN: "forget the {G}|{H}|never mind the {G}|whatever the {G}|regardless of the {G}|drop the {G} filter|without the {G} condition|remove the {G}|{H} please|no matter the {G}|ignore the {G}|not only {A}|for {H}?|open it up to {H}"
            "|in total, not only {A}|the {G} doesn't matter|without restricting the {G}|and without the {G}?|take out the bit about the {G}",
        FR: "oublie {G}|{H}|peu importe {G}|sans le filtre sur {G}|enlève {G}|retire la condition sur {G}|pas seulement {A}|et pour {H} ?|sans tenir compte de {G}|ignore {G}|ne filtre plus sur {G}|laisse tomber {G}|en tout, pas seulement {A}|élargis à {H}"
            "|{G}, on s'en fiche|supprime {G}|ne tiens plus compte de {G}|en fait {H}|et sans se limiter, {H} ?",
    },
    "rank_many": {
        EN: "and the {S}?|the {S} instead|now the {S}|rather the {S}|what about the {S} ones?|I meant the {S}|show the {S} instead|and which are the {S}?|the {S} then|switch to the {S}|no, the {S}|how about the {S}|the {S} please|give me the {S} ones|rank them: {S} first"
            "|I'd rather see the {S}|just the {S} ones|and which ones are the {S}?|what are the {S} ones?|keep the {S} ones|the {S} ones, please|only the {S} ones|show me the {S} ones",
        FR: "et {S} ?|plutôt {S}|maintenant {S}|et sinon {S} ?|{S} à la place|non, {S}|je voulais dire {S}|montre plutôt {S}|et lesquels sont {S} ?|{S} cette fois|en fait {S}|donne-moi {S}|{S} stp|quels sont {S} ?|j'aimerais plutôt {S}|et {S}, c'est lesquels ?",
    },
    "rank_one": {
        EN: "and the {S} one?|which is the {S}?|the {S} one instead|and the {S}?|what about the {S}?|now the {S} one|no, the {S}|I meant the {S}|just the {S} one|only the {S}|the {S} of them?|and which one is the {S}?|the single {S} one|give me the {S} one|rather the {S}|the {S} please",
        FR: "et {S} ?|plutôt {S}|maintenant {S}|lequel est {S} ?|non, {S}|je voulais dire {S}|juste {S}|seulement {S}|{S} d'entre eux ?|et c'est lequel, {S} ?|{S}, c'est lequel ?|montre-moi {S}|{S} stp|en fait {S}|quel est {S} ?|donne-moi plutôt {S}",
    },
    "rank_number": {
        EN: "the {V} {S}|only the {V} {S}|the {V} {S} please|keep the {V} {S}|just the {V} {S} ones|and the {V} {S}?|give me the {V} {S}|the {V} {S} will do|cut that to the {V} {S}|which {V} are the {S}?|now the {V} {S}|I only need the {V} {S}|show me the {V} {S}"
            "|what are the {V} {S} of them?|limit it to the {V} {S}",
        FR: "les {V} {S}|seulement les {V} {S}|les {V} {S} stp|garde les {V} {S}|juste les {V} {S}|et les {V} {S} ?|donne-moi les {V} {S}|les {V} {S} suffiront|limite-toi aux {V} {S}|quels sont les {V} {S} ?|maintenant les {V} {S}|il me faut juste les {V} {S}"
            "|montre les {V} {S}|parmi eux, les {V} {S} ?|restreins aux {V} {S}",
    },
    "measure": {
        EN: "by {Q} instead|by {Q}|by {Q} rather|rank them by {Q}|and by {Q}?|in terms of {Q}?|ordered by {Q}|I meant by {Q}|go by {Q} instead|use {Q} for the ranking|and if we rank by {Q}?|what about by {Q}|the same ranking by {Q}|no, by {Q}|ranked on {Q} please|judged by {Q}?",
        FR: "par {Q} plutôt|par {Q}|classe-les par {Q}|et par {Q} ?|en termes de {Q} ?|plutôt par {Q}|je voulais dire par {Q}|et si on classe par {Q} ?|le même classement par {Q}|non, par {Q}|range-les par {Q} plutôt|et niveau {Q} ?|côté {Q} ?|le classement par {Q}|j'aurais préféré par {Q}",
    },
    "sort": {
        EN: "sort by {Q}|order by {Q}|sort them by {Q}|sorted by {Q}|rank them by {Q}|put them in order of {Q}|can you sort that by {Q}?|in order of {Q}, highest first|ordered by {Q} please|arrange them by {Q}|by {Q}, highest first|rank the whole list by {Q}"
            "|list them by {Q}|the list sorted on {Q}|now order the list by {Q}",
        FR: "trie par {Q}|classe par {Q}|trie-les par {Q}|triés par {Q}|classés par {Q}|range-les par {Q}|tu peux trier par {Q} ?|par {Q}, en ordre décroissant|range la liste par {Q}|triés par {Q} stp|ordonne-les par {Q}|classe toute la liste par {Q}|la liste triée par {Q}|en classant par {Q}"
            "|mets-les dans l'ordre, par {Q}",
    },
    "flip": {
        EN: "the other way round|reverse it|and the opposite?|flip the order|bottom instead of top|the other end of the list|in reverse|turn it round|the reverse order please|now from the bottom|and at the other end?|upside down please|and the other extreme?|invert the ranking"
            "|the opposite please|what about the other end of the scale?|start from the bottom",
        FR: "l'inverse|dans l'autre sens|inverse le classement|et à l'autre bout ?|le contraire|plutôt l'inverse|en sens inverse|retourne le classement|et en bas du classement ?|l'ordre inverse stp|et à l'opposé ?|prends par la fin|et le fond du classement ?|inverse l'ordre|à l'envers"
            "|et tout en bas, ça donne quoi ?|l'inverse maintenant",
    },
    "first": {
        EN: "just the first one|only the top one|the number one only|just one|only the first|which one is at the very top?|the winner only|give me only the first|one is enough|just the very first|keep only the top one|only the leader|I just need the first one|and the very top one?"
            "|which one comes first?|reduce it to the first one|a single one is fine",
        FR: "juste le premier|seulement le premier|uniquement le numéro un|un seul|rien que le premier|lequel est tout en haut ?|le gagnant seulement|donne-moi juste le premier|un seul suffit|ne garde que le premier|et le tout premier ?|lequel arrive en tête ?|limite-toi au premier"
            "|je n'ai besoin que du premier|le premier de la liste|c'est lequel le premier ?",
    },
    "number": {
        EN: "only the top {V}|make it {V}|just {V}|give me {V}|the first {V} only|top {V} please|limit it to {V}|{V} are enough|show {V}|only {V} of them|keep the first {V}|can I have {V}?|{V} will do|stop at {V}|the top {V}|I'd like {V} of them|and the top {V}?|a top {V} please|first {V}"
            "|could you show the top {V}?",
        FR: "seulement le top {V}|mets-en {V}|juste {V}|donne-m'en {V}|les {V} premiers seulement|top {V} stp|limite à {V}|{V} suffisent|affiches-en {V}|garde les {V} premiers|je peux en avoir {V} ?|arrête-toi à {V}|le top {V}|j'en voudrais {V}|et le top {V} ?|{V} maximum|plutôt un top {V}"
            "|les {V} premiers|finalement {V}",
    },
    "several": {
        EN: "not just one, the top of the list|more than one please, the top ones|show me the whole top, not just the first|give me several|the top of the ranking, not only the first|several of them|a few more, the top ones|the whole top list|not only the winner, the others at the top too"
            "|can I see more of them?|the leading ones, plural|extend that to the usual top list|and the rest of the top?|the top ones, not a single one|more names please",
        FR: "pas juste un, le haut du classement|plus d'un stp, les premiers|montre tout le haut du classement|donne-m'en plusieurs|le haut de la liste, pas seulement le premier|plusieurs|encore quelques-uns, les mieux placés|tout le top|pas seulement le gagnant, les suivants aussi"
            "|je peux en voir plus ?|les premiers, au pluriel|et le reste du top ?|j'en voudrais plusieurs|les mieux classés, pas qu'un seul|plus de noms stp",
    },
    "all": {
        EN: "all of them|show them all|the complete ranking|no limit|the full list|everything, in that order|give me the whole list|not only the top, all|all, in the same order|the entire ranking please|don't cut it off|without a limit|every one of them|the rest too, the full list|can I have all of them?|the full ranking",
        FR: "tous|montre-les tous|le classement complet|sans limite|la liste complète|tout, dans cet ordre|donne toute la liste|pas seulement le haut, tous|tous, dans le même ordre|le classement entier stp|ne coupe pas la liste|l'intégralité|chacun d'entre eux|le reste aussi, la liste entière|je peux les avoir tous ?|en entier",
    },
    "count": {
        EN: "how many are there?|how many is that?|count them|just the number|how many in total?|how many of them are there?|what's the total?|just tell me how many|how many does that make?|the number of them please|and how many are there in all?|how many {N} is that?|don't list them, count them"
            "|only the count|give me the count instead|I only need the number",
        FR: "combien y en a-t-il ?|ça en fait combien ?|il y en a combien ?|combien en tout ?|juste le nombre|compte-les|combien au total ?|leur nombre ?|donne-moi seulement le nombre|ça fait combien de {N} ?|et combien sont-ils ?|pas la liste, le nombre|on en a combien ?|quel est leur nombre ?|combien ça en fait"
            "|dis-moi juste combien",
    },
    "list": {
        EN: "which ones?|list them|name them|show them to me|and which ones are they?|what are they?|can I see them?|give me the list|their names please|which?|show the list instead|tell me which ones|the actual {N}, please|let me see them|now list them|not the number, the {N}",
        FR: "lesquels ?|donne-moi la liste|liste-les|montre-les moi|lesquels exactement ?|c'est lesquels ?|cite-les|quels sont-ils ?|affiche-les|et ce sont lesquels ?|la liste stp|tu peux me les donner ?|j'aimerais voir lesquels|nomme-les|fais-moi la liste|pas le nombre, les {N}",
    },
    "average": {
        EN: "what's their average {Q}?|average {Q}?|and the average {Q}|their mean {Q}|{Q} on average?|what is the mean {Q} of these?|give me their average {Q}|and how about the average {Q}?|the average {Q} of all of them|compute the mean {Q}|and their {Q}, on average?|mean {Q} please|average {Q} of those {N}"
            "|what {Q} do they have on average|now the average {Q}",
        FR: "<which> est leur {Q} <mean> ?|<le> {Q} <mean> ?|et leur {Q} <mean> ?|leur {Q} en moyenne ?|et niveau {Q}, en moyenne ?|<which> {Q} en moyenne ?|donne-moi leur {Q} <mean>|<le> {Q} <mean> de tout ça|calcule <le> {Q} <mean>|et côté {Q}, la moyenne ?|la moyenne de {Q}"
            "|{Q} <mean> stp|en moyenne, <which> {Q} ?|<le> {Q} <mean>, tous confondus|maintenant leur {Q} <mean>|et <le> {Q} <mean> ?",
    },
    "group": {
        EN: "per {G}?|by {G}|for each {G}|break it down by {G}|and per {G}?|split that by {G}|{G} by {G}|group them by {G}|the same per {G}|what does it look like by {G}?|and for every {G}?|can you split it by {G}?|now by {G}|{G} by {G} please|a breakdown by {G}|I'd like that per {G}|show it for each {G}",
        FR: "par {G} ?|et par {G} ?|{G} par {G}|pour chaque {G}|ventile par {G}|répartis par {G}|détaille par {G}|regroupe par {G}|et pour chaque {G} ?|la même chose par {G}|la répartition par {G}|découpe par {G}|qu'est-ce que ça donne par {G} ?|par {G} stp|maintenant par {G}|sépare par {G}|et {G} par {G} ?",
    },
    "group_count": {
        EN: "how many per {G}?|count them by {G}|how many for each {G}|the number per {G}|number of {N} by {G}|how many {N} per {G}?|and how many by {G}?|just count them per {G}|how many of them per {G}|the count by {G}|tally them by {G}|how are they spread, number per {G}?|counts for each {G} please"
            "|how many {N} in each {G}|per {G}, how many?",
        FR: "combien par {G} ?|leur nombre par {G}|compte-les par {G}|combien pour chaque {G} ?|nombre de {N} par {G}|combien de {N} par {G} ?|et combien par {G} ?|par {G}, ça en fait combien ?|le nombre par {G}|leur répartition par {G}, en nombre|combien il y en a par {G}|le compte par {G}|combien dans chaque {G} ?"
            "|et leur nombre {G} par {G} ?|répartis-les par {G}, juste les nombres",
    },
    "head": {
        EN: "and the {H}?|{H} instead|which {H}?|now the {H}|what about the {H}?|rather the {H}|{H}, not {N}|I meant {H}|show me the {H} instead|same for {H}|the same with {H}|switch to {H}|give me the {H} rather|{H} please|no, {H}|how about {H}?|the {H} then|and in terms of {H}?",
        FR: "et les {H} ?|plutôt les {H}|quels {H} ?|maintenant les {H}|les {H} à la place|les {H}, pas les {N}|je voulais dire les {H}|montre plutôt les {H}|pareil pour les {H}|et côté {H} ?|donne-moi plutôt les {H}|non, les {H}|et quels {H} ?|même chose avec les {H}|et niveau {H} ?|les {H} stp|idem pour les {H}",
    },
    "head_count": {
        EN: "and how many {H}?|how many {H}?|and {H}?|{H} rather|number of {H} instead|and the number of {H}|count the {H} instead|same for {H}|{H}, not {N}|I meant {H}|how many different {H}?|what about {H}?|no, {H}|and how many {H} is that?|the {H} count then",
        FR: "et combien de {H} ?|combien de {H} ?|et les {H} ?|nombre de {H} plutôt|et le nombre de {H} ?|compte plutôt les {H}|pareil pour les {H}|je voulais dire les {H}|combien de {H} différents ?|et côté {H} ?|non, les {H}|ça fait combien de {H} ?|les {H}, pas les {N}|et combien de {H} en tout ?|idem pour les {H}",
    },
    "head_one": {
        EN: "and the {H}?|which {H}?|the {H} instead|now the {H}|what about the {H}?|rather the {H}|{H}, not {N}|I meant the {H}|and which {H}?|same for the {H}|the {H} then|no, which {H}?|and if we look at the {H}?|give me the {H} instead|the same question for the {H}",
        FR: "et quel {H} ?|quel {H} ?|et côté {H} ?|plutôt quel {H} ?|et niveau {H}, c'est lequel ?|pas le {N}, quel {H} ?|pareil côté {H}|et quel {H} en tête ?|même question : quel {H} ?|je voulais dire quel {H}|non, quel {H} ?|maintenant, quel {H} ?|c'est quel {H} ?|et pour ce qui est du {H} ?|et si on regarde par {H} ?",
    },
    "compare": {
        EN: "compared to {V}?|compare with {V}|versus {V}?|and next to {V}?|put {V} beside that|how does {V} compare?|side by side with {V}|compare that to {V}|against {V}?|compare {O} and {V}|{O} vs {V}|set that against {V}|{O} compared with {V}|show {O} next to {V}|add {V} so I can compare|both {O} and {V}, for comparison",
        FR: "comparé à {V} ?|compare avec {V}|par rapport à {V} ?|et face à {V} ?|{O} contre {V}|mets {V} à côté|compare {O} et {V}|{O} vs {V}|et en comparaison de {V} ?|côte à côte avec {V}|mets {O} et {V} côte à côte|ajoute {V} pour comparer|compare-le à {V}|en regard de {V}|{O} et {V}, pour comparer|compare ça à {V} stp",
    },
    "column_one": {
        EN: "and its {C}?|what is its {C}?|and the {C}?|with the {C} please|add the {C}|what about its {C}?|tell me its {C} too|what {C} does it have?|I also want its {C}|show its {C} as well|plus the {C}|its {C}?|and do we know its {C}?|give me the {C} too|include the {C}",
        FR: "et <son> {C} ?|avec <le> {C}|et <le> {C} ?|ajoute <le> {C}|<son> {C} ?|donne aussi <le> {C}|je veux aussi <le> {C}|avec <son> {C} stp|montre aussi <son> {C}|et <le> {C}, c'est quoi ?|plus <le> {C}|tu connais <son> {C} ?|et quant à <son> {C} ?|il me faudrait <son> {C} aussi|précise <son> {C}",
    },
    "column_many": {
        EN: "and their {C}?|with the {C} of each|add the {C}|show the {C} too|what about their {C}?|with their {C}|I need the {C} as well|include the {C}|give me their {C} too|one more column: the {C}|with the {C} next to each|can you add the {C}?|plus the {C}|and the {C} of each one?|also the {C}",
        FR: "et leur {C} ?|avec <le> {C} de chacun|ajoute <le> {C}|montre aussi <le> {C}|avec leur {C}|il me faut aussi <le> {C}|donne aussi leur {C}|une colonne de plus : <le> {C}|tu peux ajouter <le> {C} ?|plus <le> {C}|et <le> {C} de chacun ?|affiche leur {C} aussi|avec <le> {C} à côté|et pour chacun, <le> {C} ?|précise leur {C}",
    },
    "fact": {
        EN: "and the {C}?|{C}?|what about the {C}?|and its {C}|the {C} too|and do you know the {C}?|now the {C}|ok, the {C}?|tell me the {C}|also the {C}|I'd like the {C} as well|and what's the {C}?|how about the {C}|the {C} please|the {C} as well",
        FR: "et {C} ?|{C} ?|{C} aussi|et sinon {C} ?|donne-moi {C}|maintenant {C}|ok, {C} ?|et tu connais {C} ?|j'aimerais aussi {C}|{C} stp|et puis {C} ?|dis-moi {C}|et quant à {C} ?|c'est quoi {C} ?|il me faudrait {C}",
    },
}
# Said around a follow-up now and then.
BEFORE = {EN: "ok,|hm,|thanks,|great,|alright,|right,|cool,|ah,|sorry,|oh and|good,|wait,", FR: "ok,|hmm,|merci,|super,|d'accord,|bien,|ah,|pardon,|au fait,|bon,|attends,|parfait,"}
AFTER = {EN: "please|thanks|pls|if possible|actually|for a change", FR: "stp|svp|merci|si possible|s'il te plaît|tant qu'à faire"}

# What a condition is about, as it is taken away: English noun, English "all ...", French noun, French "tous ...".
REMOVED = {
    "artist": ("artist", "all artists|any artist|everybody", "l'artiste", "tous les artistes|tous artistes confondus"), "album": ("album", "all albums|any album", "l'album", "tous les albums|tous albums confondus"),
    "genre": ("genre", "all genres|any genre|genres of all kinds", "le genre", "tous les genres|tous genres confondus"), "country": ("country", "all countries|any country|worldwide|everywhere", "le pays", "tous les pays|tous pays confondus|le monde entier"),
    "origin": ("origin of the artists", "artists from anywhere|any origin", "l'origine des artistes", "toutes origines confondues"), "style": ("genre", "all genres|any genre", "le genre", "tous les genres|tous genres confondus"),
    "date": ("date", "all dates|any time|all periods|the whole period", "la date", "toutes les dates|toutes périodes confondues|toute la période"), "release": ("release date", "all release years|songs of any age", "la date de sortie", "toutes années de sortie confondues"),
    "year": ("year", "all years|any year|years of all kinds", "l'année", "toutes les années|toutes années confondues"), "decade": ("decade", "all decades|any decade", "la décennie", "toutes les décennies|toutes époques confondues"), "month": ("month", "all months|any month", "le mois", "tous les mois|toute la période"),
    "explicit": ("explicit flag", "all, clean or explicit", "le côté explicite", "tous, explicites ou non"), "mode": ("key", "all keys|any key", "la tonalité", "toutes les tonalités"), "tempo": ("tempo", "any tempo|all tempos", "le tempo", "tous les tempos"),
    "duration": ("length", "any length|all lengths", "la durée", "toutes durées confondues"), "popularity": ("popularity", "any popularity", "la popularité", "toutes popularités confondues"), "followers": ("number of followers", "any number of followers", "le nombre d'abonnés", "tous les niveaux d'abonnés"),
    "featured": ("guests", "with or without guests", "les invités", "tous, avec ou sans invité"), "clock": ("time of day", "any time of day|all day long", "l'heure", "toute la journée|toutes heures confondues"), "weekday": ("day of the week", "any day|all days of the week", "le jour de la semaine", "tous les jours"),
    "user": ("user", "all users|everyone", "l'utilisateur", "tous les utilisateurs"), "segment": ("segment", "all segments|all users", "le segment", "tous les segments"), "rank": ("position", "any position|any rank on the chart", "la place", "toutes les places|n'importe quel rang"),
}
