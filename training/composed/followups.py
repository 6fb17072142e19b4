"""Follow-ups: a question and one to three more that change it, with the SQL of the whole request that results.

Two ways. A `Request` (what is asked of a table: conditions, ranking, number of rows, groups) is asked for, and each follow-up is a step
from one request to the next, so that the SQL is right by construction. And any question of the corpus or of the other modules has one
of its values, its number of rows or its order changed. A slot that a follow-up brings in has a number of its own; one that it replaces
is in the SQL no more. The turns stand apart by `masking.TURN`.
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Callable

import corpus
from masking import TURN

from . import charts, country_charts, events, lookups, people, rows, snapshots, statistics, taste
from .parts import EN, FR, NOUNS, RANKINGS, SINGULAR, one
from .rows import Condition

OTHERS = [(rows, 0.28), (events, 0.17), (taste, 0.13), (people, 0.11), (statistics, 0.1), (charts, 0.09), (country_charts, 0.05), (snapshots, 0.04), (lookups, 0.06)]
MOST_SLOTS = 8

# --- words of the follow-ups ------------------------------------------------------------------------------------------
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


# --- a conversation ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said(Condition):
    """A condition that came from the parts of another module, which call its group `kind`."""

    @property
    def kind(self) -> str:
        return self.group


@dataclass(frozen=True)
class Request:
    """What is asked for. `head` is what a row is, `limit` "" for all rows; with a `group` the count, the average or the total is of each group."""

    table: str
    shape: str
    conditions: tuple[Condition, ...] = ()
    head: str = ""
    measure: str = ""
    low: bool = False
    limit: str = ""
    group: str = ""
    extra: tuple[str, ...] = ()

    @property
    def groups(self) -> set[str]:
        return {c.group for c in self.conditions}

    @property
    def plural(self) -> bool:
        return self.limit != "LIMIT 1"

    @property
    def family(self) -> "Family":
        return FAMILIES[self.table]

    def sql(self) -> str:
        return self.family.sql(self)

    def with_condition(self, new: Condition, old: Condition | None = None) -> "Request":
        return replace(self, conditions=(*(c for c in self.conditions if c is not old), new))


@dataclass(frozen=True)
class Family:
    """The requests of a kind of table: their SQL, which make sense, how one is asked for first, which conditions there are, which follow-ups fit."""

    sql: Callable[[Request], str]
    fits: Callable[[Request], bool]
    start: Callable[["Talk"], tuple[str, Request]]
    draw: Callable[[random.Random, Request], Condition]
    steps: dict[Callable, float]


def slots(text: str) -> list[str]:
    """The different slots of a text, in order: `artist2` ..."""
    return list(dict.fromkeys(kind + number for kind, number in corpus.SLOT.findall(text)))


class Talk:
    """Who asks, in which language, what the things are called, and which slots have been used."""

    def __init__(self, rng: random.Random, language: str):
        self.rng, self.language, self.noun, self.used = rng, language, "", {}

    def new(self, kind: str) -> str:
        self.used[kind] = self.used.get(kind, 0) + 1
        return f"{{{kind}{rows.suffix(self.used[kind])}}}"

    def fresh(self, c: Condition) -> Condition:
        """The condition with values that nobody named yet."""
        names = {slot: self.new(re.sub(r"\d+$", "", slot)) for slot in slots(c.sql)}
        change = lambda text: corpus.SLOT.sub(lambda m: names.get(m.group(1) + m.group(2), m.group(0)), text)
        told = lambda texts: {language: [change(t) for t in ts] for language, ts in texts.items()}
        return replace(c, sql=change(c.sql), before=told(c.before), after=told(c.after))

    @property
    def feminine(self) -> bool:
        return self.noun in ("chanson", "chansons")

    def words(self, kind: str, like: str = "", **filled: str) -> str:
        """One of the ways to say a follow-up, of those that match `like`. The names are those of the places in `WORDS`."""
        choices = [c for c in WORDS[kind][self.language].split("|") if re.search(like, c)]
        if re.match(r"(that|who|qui) ", filled.get("A", "")):
            choices = [c for c in choices if re.search(r"(ones|those|ceux) \{A\}", c)] or [c.replace("{A}", "the ones {A}" if self.language == EN else "ceux {A}") for c in choices]
        text = self.inflected(self.rng.choice([c for c in choices if set(re.findall(r"\{([A-Z])\}", c)) <= set(filled)]))
        for place, value in filled.items():
            text = text.replace("{" + place + "}", value)
        return self.contracted(text)

    def inflected(self, text: str, plural: bool = True) -> str:
        """French as it agrees with the noun."""
        if self.language == EN:
            return text
        text = events.agree(rows.french(text, self.noun), self.feminine, plural)
        for said_of_men, said_of_women in FEMININE_PRONOUNS if self.feminine else []:
            text = re.sub(said_of_men, said_of_women, text)
        return self.contracted(text)

    def contracted(self, text: str) -> str:
        """French elisions."""
        if self.language == EN:
            return re.sub(r" (?=[?,])", "", text)
        for apart, together in CONTRACTIONS:
            text = re.sub(apart, together, text)
        return text

    def spoken(self, c: Condition) -> tuple[bool, str]:
        """A condition in words, and whether they are an adjective."""
        before, after = c.before[self.language], c.after[self.language]
        if self.language == EN:
            return (True, self.rng.choice(before)) if before and (not after or self.rng.random() < 0.5) else (False, self.rng.choice(after))
        words = self.rng.choice(after or before)
        return not FRENCH_PHRASE.match(words), self.inflected(words)

    def mention(self, c: Condition) -> str:
        adjective, words = self.spoken(c)
        return words if not adjective else f"the {words} ones" if self.language == EN else f"les {words}"

    def plain(self, c: Condition) -> str:
        return self.inflected(self.rng.choice(c.after[self.language] or c.before[self.language]))

    def chatty(self, text: str) -> str:
        """Politeness and hesitation, sometimes."""
        if self.rng.random() < 0.12:
            text = f"{one(self.rng, BEFORE[self.language])} {text}"
        if self.rng.random() < 0.08 and not text.endswith(("?", "please", "stp", "svp")):
            text = f"{text} {one(self.rng, AFTER[self.language])}"
        return text.rstrip(" ?") if self.rng.random() < 0.12 else text


FRENCH_PHRASE = re.compile(r"(de|du|des|d'|par|avec|sortis?\*?|parus?\*?|en|entre|à|sous|aux?|qui|depuis|avant|après|jusqu|sur|hors|dont|venant|venus|ayant|sans|les?|la|l'|ces|pendant|durant|chez|dans|ne|ailleurs|courant|dès|récemment|dernièrement|pour|tous|aujourd'hui|actuellement|cette|classés)(?![\w-])")
CONTRACTIONS = [(r"\bde le\b", "du"), (r"\bde les\b", "des"), (r"\b([àÀ]) les\b", "aux"), (r"\bde (?=[aeéèo](?!t\b))", "d'"), (r"\bla plus (?=d['eu])", "le plus "), (r"\bles ceux\b", "ceux")]
FEMININE_PRONOUNS = [(r"\bceux\b", "celles"), (r"\bcelui\b", "celle"), (r"\blesquels\b", "lesquelles"), (r"\blequel\b", "laquelle"), (r"\beux\b", "elles"), (r"-ils\b", "-elles"), (r"\ble (tout )?premier\b", r"la \1première"), (r"\btout première", "toute première"),
                     (r"\bdu premier\b", "de la première"), (r"\bau premier\b", "à la première"), (r"\bun seul\b", "une seule"), (r"\bchacun\b", "chacune"), (r"\btriés\b", "triées"), (r"\bclassés\b", "classées"), (r"\bquelques-uns\b", "quelques-unes"), (r"\bplacés\b", "placées"),
                     (r"\bpas juste un\b", "pas juste une"), (r"\bplus d'un\b", "plus d'une")]

# What a step gives: how it is asked for, and the request that it leads to. None where it does not fit.
Outcome = tuple[str, Request] | None


# --- steps from one request to the next ----------------------------------------------------------------------------------


def change_value(talk: Talk, r: Request) -> Outcome:
    """Another value for a condition."""
    valued = [c for c in r.conditions if "{" in c.sql]
    if not valued:
        return None
    old = talk.rng.choice(valued)
    new = talk.fresh(old)
    after = r.with_condition(new, old)
    (kind, *others), value = [re.sub(r"\d+$", "", s) for s in slots(old.sql)], slots(new.sql)
    alone = not others and sum(s.startswith(kind) for s in slots(r.sql())) == 1 and not re.search(r"!=|NOT IN|user_id", old.sql)
    if alone and talk.rng.random() < 0.55:
        which = "threshold" if kind == "num" else ("artist" if r.head else "whose") if kind == "artist" and talk.rng.random() < 0.4 else "value"
        les = "les années " if kind == "decade" and talk.language == FR else "the " if kind == "decade" else ""
        return talk.words(which, V=f"{les}{{{value[0]}}}", O=f"{les}{{{slots(old.sql)[0]}}}"), after
    words = talk.plain(new)
    bare = not FRENCH_PHRASE.match(words) or words.startswith("de ") if talk.language == FR else words.startswith(("of ", "{"))
    return talk.words("changed_bare" if bare else "changed", A=words), after


def add_condition(talk: Talk, r: Request) -> Outcome:
    """One condition more."""
    c = r.family.draw(talk.rng, r)
    if c.group in r.groups:
        return None
    c = talk.fresh(c)
    adjective, words = talk.spoken(c)
    if c.group in TAILS[r.table]:
        return talk.words("add_tail", A=words), r.with_condition(c)
    kind = "add_count" if r.shape == "count" and not r.group and talk.rng.random() < 0.45 else "add"
    if adjective:
        return talk.words("add_count_adjective" if kind == "add_count" else "add_adjective", B=words, N=talk.noun), r.with_condition(c)
    return talk.words("add_count" if kind == "add_count" else "add_phrase", A=words, N=talk.noun), r.with_condition(c)


def swap_condition(talk: Talk, r: Request) -> Outcome:
    """A condition of the same kind in place of one: since a year instead of in it, clean instead of explicit."""
    c = r.family.draw(talk.rng, r)
    old = next((o for o in r.conditions if o.group == c.group), None)
    bare = lambda sql: re.sub(r"\d+\}", "}", sql)
    if old is None or bare(old.sql) == bare(c.sql):
        return None
    c = talk.fresh(c)
    return talk.words("swapped", A=talk.mention(c)), r.with_condition(c, old)


def remove_condition(talk: Talk, r: Request) -> Outcome:
    """A condition taken away."""
    known = [c for c in r.conditions if c.group in REMOVED]
    if not known:
        return None
    c = talk.rng.choice(known)
    dated = next((kind for kind in ("year", "decade", "month") if "{" + kind in c.sql), c.group) if c.group == "date" else c.group
    noun_en, all_en, noun_fr, all_fr = REMOVED[dated]
    noun, every = (noun_en, all_en) if talk.language == EN else (noun_fr, all_fr)
    _, words = talk.spoken(c)
    return talk.words("remove", G=noun, H=one(talk.rng, every), A=words), replace(r, conditions=tuple(o for o in r.conditions if o is not c))


def superlatives(talk: Talk, r: Request) -> tuple[str, str]:
    """The superlative of a ranking as it is said of one or many, and what is ranked by ("" where it is lowest first)."""
    en, fr, by_en, by_fr = SUPERLATIVES[r.table, r.measure, r.low]
    if talk.language == EN:
        # "the first" could as well be those at the top.
        return one(talk.rng, en.removesuffix("|first")) if en else "", one(talk.rng, by_en) if by_en else ""
    words = one(talk.rng, fr) if fr else ""
    if words and not words.startswith("les "):
        words = f"les {words}" if words.startswith("derniers") else f"ceux {words}"
    if not r.plural:
        words = of_one(words)
    return talk.inflected(words, r.plural), one(talk.rng, by_fr) if by_fr else ""


def ranked(talk: Talk, r: Request, was_ranked: bool) -> str | None:
    """The words for a request that is another's with a ranking, of as many rows as it had if it was ranked."""
    words, by = superlatives(talk, r)
    if not r.limit or was_ranked and by and (not words or talk.rng.random() < 0.35):
        return talk.words("measure" if was_ranked else "sort", Q=by) if by else None
    # After a list it has to be heard whether one is meant; French says so in each of its words.
    like = "" if was_ranked or talk.language == FR else "ones|are the" if r.plural else "one|is the"
    return talk.words("rank_many" if r.plural else "rank_one", like, S=words) if words else None


def rank_otherwise(talk: Talk, r: Request) -> Outcome:
    """Another ranking of as many rows: the longest instead of the most popular."""
    options = [(m, low) for table, m, low in SUPERLATIVES if table == r.table and m != r.measure]
    if r.shape != "top" or not options:
        return None
    measure, low = talk.rng.choice(options)
    after = replace(r, measure=measure, low=low, extra=tuple(e for e in r.extra if e != measure))
    words = ranked(talk, after, True)
    return (words, after) if words else None


def rank_list(talk: Talk, r: Request) -> Outcome:
    """A list ranked: all of it, the first one, ten, or a number."""
    if r.shape != "list" or r.head not in ("tracks", "artists") or r.table != r.head:
        return None
    measure, low = talk.rng.choice([(m, low) for table, m, low in SUPERLATIVES if table == r.table])
    how = talk.rng.choice(["LIMIT 1", "LIMIT 10", "number", "number", ""])
    after = replace(r, shape="top", measure=measure, low=low, limit="LIMIT 10" if how == "number" else how, extra=tuple(e for e in r.extra if e != measure))
    if how != "number":
        words = ranked(talk, after, False)
        return (words, after) if words else None
    words, _ = superlatives(talk, after)
    if not words or words.startswith("ce"):
        return None
    value = talk.new("num")
    return talk.words("rank_number", V=value, S=words.removeprefix("les ")), replace(after, limit=f"LIMIT {value}")


def flip(talk: Talk, r: Request) -> Outcome:
    """The order turned round."""
    after = replace(r, low=not r.low)
    if r.shape != "top":
        return None
    if (r.table, after.measure, after.low) in SUPERLATIVES and r.limit and talk.rng.random() < 0.55:
        words, _ = superlatives(talk, after)
        if words:
            return talk.words("rank_many" if r.plural else "rank_one", S=words), after
    return talk.words("flip"), after


def number_words(talk: Talk, sql: str, value: str) -> str:
    """The words for a number of rows, such that it is not taken for another number that the SQL has."""
    others = any(s.startswith("num") for s in slots(re.sub(r"LIMIT \S+$", "", sql)))
    return talk.words("number", "first|of them|premiers|'en |-en |en avoir" + ("" if "rank <=" in sql else "|top") if others else "", V=value)


def how_many_rows(talk: Talk, r: Request) -> Outcome:
    """One row, ten, a number or all."""
    if r.shape != "top":
        return None
    how = talk.rng.choice(["first", "number", "number", "number", "several", "all"])
    if how == "number":
        value = talk.new("num")
        return number_words(talk, r.sql(), value), replace(r, limit=f"LIMIT {value}")
    limit = {"first": "LIMIT 1", "several": "LIMIT 10", "all": ""}[how]
    if limit == r.limit or (how == "several") != (r.limit == "LIMIT 1" and how != "all") or (how == "first" and not r.plural):
        return None
    return talk.words(how), replace(r, limit=limit)


def count_instead(talk: Talk, r: Request) -> Outcome:
    """How many there are, in place of the list."""
    return (talk.words("count", N=talk.noun), replace(r, shape="count", extra=())) if r.shape == "list" else None


def list_instead(talk: Talk, r: Request) -> Outcome:
    """The list in place of how many there are."""
    return (talk.words("list", N=talk.noun), replace(r, shape="list")) if r.shape == "count" and not r.group else None


def average_instead(talk: Talk, r: Request) -> Outcome:
    """An average of what was listed, counted or averaged."""
    if r.shape not in ("list", "count", "average") or r.table != r.head:
        return None
    column, en, fr, feminine = talk.rng.choice(AVERAGES[r.table])
    if column == r.measure and r.shape == "average":
        return None
    text = talk.words("average", Q=en if talk.language == EN else fr, N=talk.noun)
    return articled(text, fr, feminine), replace(r, shape="average", measure=column, extra=())


def articled(text: str, noun: str, feminine: bool) -> str:
    """French words that agree with a noun: its article, "son", "quel" and "moyen"."""
    vowel = noun[0] in "aeéèo"
    for place, word in [("<le> ", "l'" if vowel else "la " if feminine else "le "), ("<son>", "sa" if feminine and not vowel else "son"), ("<which>", "quelle" if feminine else "quel"), ("<mean>", "moyenne" if feminine else "moyen")]:
        text = text.replace(place, word)
    return text


def grouped(talk: Talk, r: Request) -> Outcome:
    """Each group in place of all, or other groups."""
    if r.shape not in ("list", "count", "average", "total"):
        return None
    group = talk.rng.choice(list(GROUPS[r.table]))
    _, _, _, en, fr = GROUPS[r.table][group]
    word = one(talk.rng, en if talk.language == EN else fr)
    text = talk.words("group_count" if r.shape == "list" else "group", G=word, N=talk.noun)
    return None if group == r.group else (text, replace(r, shape="count" if r.shape == "list" else r.shape, group=group, extra=()))


def other_head(talk: Talk, r: Request) -> Outcome:
    """Artists, albums or songs in place of what was asked for, under the same conditions."""
    options = [h for h in HEADS[r.table] if h and h != r.head]
    if r.shape not in ("list", "count", "top") or r.group or not options:
        return None
    head = talk.rng.choice(options)
    one_en, many_en, one_fr, many_fr = HEADS[r.table][head]
    now = (many_en if r.plural else one_en) if talk.language == EN else (many_fr if r.plural else one_fr)
    text = talk.words("head_count" if r.shape == "count" else "head" if r.plural else "head_one", H=one(talk.rng, now), N=talk.noun)
    talk.noun = one(talk.rng, now)
    return text, replace(r, head=head, extra=())


def compare(talk: Talk, r: Request) -> Outcome:
    """One against another: a row for each of two artists, genres or countries."""
    options = [c for c in r.conditions if re.fullmatch(r"(artist_id|genre|country) = \{\w+\}", c.sql)]
    if not options or r.group or r.shape not in ("count", "average", "total"):
        return None
    old = talk.rng.choice(options)
    column, slot = re.fullmatch(r"(\w+) = (\{\w+\})", old.sql).groups()
    group = {"artist_id": "artist"}.get(column, column)
    value = talk.new({"artist_id": "artist"}.get(column, column))
    if group not in GROUPS[r.table] or (r.table == "tracks" and column == "country"):
        return None
    both = replace(old, sql=f"{column} IN ({slot}, {value})")
    return talk.words("compare", V=value, O=slot), replace(r.with_condition(both, old), group=group)


def more_columns(talk: Talk, r: Request) -> Outcome:
    """The same rows with another column."""
    if r.shape not in ("list", "top") or r.table != r.head or len(r.extra) > 1:
        return None
    column, en, fr, feminine, whole_en, whole_fr = talk.rng.choice(COLUMNS[r.table])
    if column in (r.measure, *r.extra) or column in [c.shows for c in r.conditions] or (column, "artist") == ("artist_name", "") or column in r.groups:
        return None
    after = r if column == "artist_name" else replace(r, extra=(*r.extra, column))
    lone = r.shape == "top" and not r.plural
    whole = whole_en if talk.language == EN else whole_fr
    if whole and (column == "artist_name" or talk.rng.random() < 0.4):
        text = one(talk.rng, whole.split("||")[0 if lone else 1])
        return talk.inflected(text), after
    noun = one(talk.rng, en if talk.language == EN else fr)
    return articled(talk.words("column_one" if lone else "column_many", C=noun), noun, feminine), after


# --- the catalogue: tracks and artists -----------------------------------------------------------------------------------

SUPERLATIVES = {(table, column, not direction): (en, fr, by_en, by_fr) for table, rankings in RANKINGS.items() for column, direction, en, fr, by_en, by_fr in rankings}
SUPERLATIVES |= {
    ("plays", "plays", False): ("most played|most listened-to|most streamed", "les plus écouté*|les plus joué*", "plays|number of plays", "nombre d'écoutes"), ("plays", "plays", True): ("least played|least listened-to", "les moins écouté*|les moins joué*", "", ""),
    ("plays", "listeners", False): ("", "", "listeners|number of listeners|audience", "nombre d'auditeurs"),
    ("national", "listeners", False): ("", "", "listeners|number of listeners|audience", "nombre d'auditeurs"), ("national", "rank", False): ("", "", "rank|chart position|position", "rang|place au classement"),
    ("hits", "hits", False): ("", "", "number of songs|number of different songs", "nombre de titres"), ("hits", "weeks", False): ("", "", "weeks on the chart|number of weeks", "nombre de semaines"),
}
# Column, English, French, whether that is feminine.
AVERAGES = {"tracks": [("tempo", "tempo", "tempo", False), ("duration_ms", "length in minutes", "durée", True), ("popularity", "popularity", "popularité", True), ("energy", "energy", "énergie", True), ("valence", "valence", "valence", True),
                       ("danceability", "danceability", "dansabilité", True), ("loudness", "loudness", "volume", False), ("acousticness", "acousticness", "acousticité", True)],
            "artists": [("popularity", "popularity", "popularité", True), ("followers", "number of followers", "nombre d'abonnés", False)]}
# SQL, alias, whether it is time, English, French.
GROUPS = {
    "tracks": {"genre": ("genre", "genre", False, "genre|style", "genre|style"), "year": ("release_year AS year", "year", True, "year|release year", "année|année de sortie"), "decade": ("DIV(release_year, 10) * 10 AS decade", "decade", True, "decade", "décennie"),
               "album": ("album", "album", False, "album|record", "album|disque"), "artist": ("artist_name", "artist_name", False, "artist", "artiste"), "country": ("country", "country", False, "country of the artist|country", "pays d'artiste|pays")},
    "artists": {"country": ("country", "country", False, "country", "pays"), "genre": ("genre", "genre", False, "genre|style", "genre|style")},
    "plays": {**{k: (*events.PLACES[k][:2], events.PLACES[k][7], one_en, one_fr) for k, one_en, one_fr in [("country", "country", "pays"), ("hour", "hour|hour of the day", "heure|heure de la journée"), ("weekday", "weekday|day of the week", "jour de la semaine"), ("month", "month", "mois"),
              ("day", "day", "jour"), ("year", "year", "année"), ("segment", "segment", "segment")]}, "artist": ("artist_name", "artist_name", False, "artist", "artiste")},
    "hits": {"year": ("EXTRACT(YEAR FROM chart_date) AS year", "year", True, "year", "année"), "decade": ("DIV(EXTRACT(YEAR FROM chart_date), 10) * 10 AS decade", "decade", True, "decade", "décennie"), "country": ("country", "country", False, "country of the artist", "pays d'artiste"),
             "artist": ("artist_name", "artist_name", False, "artist", "artiste")},
}
HEADS = {
    "tracks": {"tracks": ("song", "songs|tracks", "morceau", "morceaux|titres"), "albums": ("album", "albums|records", "album", "albums|disques"), "artists": ("artist", "artists|acts", "artiste", "artistes")}, "artists": {"artists": ("", "", "", "")},
    "plays": {"song": ("song|track", "songs|tracks", "morceau|titre", "morceaux|titres"), "artist": ("artist", "artists|acts", "artiste", "artistes"), "album": ("album", "albums", "album", "albums"), "genre": ("genre", "genres", "genre", "genres"), "": ("", "", "", "")},
    "hits": {"song": ("song|track", "songs|titles", "titre", "titres|morceaux"), "artist": ("artist", "artists|acts", "artiste", "artistes")},
}
# Column, English, French, whether that is feminine, whole questions about one || about many.
COLUMNS = {
    "tracks": [
        ("artist_name", "artist|singer", "artiste|interprète", False, "and who sings it?|who is it by?|who's the artist?|by whom?|and who performs that?||and who sings them?|who are they by?|who are the artists?|by whom?|with the artists", "et qui chante ça ?|c'est de qui ?|c'est qui l'artiste ?|de qui ?||et qui chante ça ?|c'est de qui ?|de quels artistes ?|avec les artistes"),
        ("release_date", "release date", "date de sortie", True, "when did it come out?|and when was it released?|when is it from?||when did they come out?|and when were they released?|when did each come out", "c'est sorti quand ?|quand est-ce sorti ?|et ça date de quand ?||ils sont sortis quand ?|quand sont-ils sortis ?|et ça date de quand, chacun ?"),
        ("album", "album", "album", False, "which album is it from?|on which album is it?|and what album does it come from?||which albums are they from?|on which album is each?|and what albums do they come from", "c'est sur quel album ?|de quel album ça vient ?|et quel album ?||ils sont sur quels albums ?|de quels albums viennent-ils ?|sur quel album, chacun ?"),
        ("genre", "genre|style", "genre|style", False, "what genre is it?|what kind of music is that?||what genres are they?|and which genre is each?", "c'est quel genre ?|quel style de musique ?||c'est quels genres ?|et quel genre, chacun ?"),
        ("tempo", "tempo|bpm", "tempo|bpm", False, "", ""), ("duration_ms", "length|duration", "durée", True, "how long is it?|and how long does it last?||how long are they?|how long does each last", "ça dure combien ?|et ça dure combien de temps ?||ils durent combien ?|et combien de temps dure chacun ?"),
        ("popularity", "popularity", "popularité", True, "how popular is it?||how popular are they?", "c'est populaire à quel point ?||ils sont populaires à quel point ?"),
    ],
    "artists": [
        ("country", "country|home country|nationality", "pays|pays d'origine|nationalité", False, "where is that artist from?|from which country?||where are they from?|from which countries?|and where do they come from", "ça vient de quel pays ?|et d'où vient l'artiste ?||ils viennent d'où ?|de quels pays ?|et d'où viennent-ils ?"),
        ("genres", "genre|style", "genre|style", False, "what kind of music is that?|which genres?||what do they play?|what kind of music do they make?|which genres are they?", "c'est quel genre de musique ?||ils jouent quoi ?|quel genre de musique font-ils ?|c'est quels genres ?"),
        ("popularity", "popularity", "popularité", True, "how popular?||how popular are they?", "populaire à quel point ?||ils sont populaires à quel point ?"), ("followers", "number of followers|follower count|fan count", "nombre d'abonnés|nombre de fans", False, "with how many followers?||how many followers do they have?|and how many fans does each have", "combien d'abonnés ?||ils ont combien d'abonnés ?|et combien de fans chacun ?"),
    ],
}
# Columns that say what a thing is stand before what it was ranked or filtered by; numbers stand after.
DESCRIPTIVE = ("album", "genre", "release_date", "country", "genres")
TAILS = {"tracks": (), "artists": (), "plays": ("date", "clock", "weekday", "country", "user", "segment"), "hits": ("date", "rank"), "national": ("country", "date")}


def counted(r: Request) -> tuple[str, str]:
    """The SQL of a count or an average, and its alias."""
    if r.shape == "average":
        return ("AVG(duration_ms) / 60000 AS minutes", "minutes") if r.measure == "duration_ms" else (f"AVG({r.measure}) AS avg_{r.measure}", f"avg_{r.measure}")
    key = {("tracks", "albums"): "DISTINCT album", ("tracks", "artists"): "DISTINCT artist_id"}.get((r.table, r.head), "*")
    return f"COUNT({key}) AS {r.head}", r.head


def catalogue_sql(r: Request) -> str:
    chosen = sorted(r.conditions, key=lambda c: c.place)
    joined = r.table == "tracks" and (any(c.join for c in chosen) or r.group == "country")
    qualified = lambda text: rows.qualify(text, joined) if "avg_" not in text else text.replace("AVG(popularity)", rows.qualify("AVG(popularity)", joined))
    where = " AND ".join(qualified(c.sql) for c in chosen)
    source = f"FROM music.{r.table}" + (" JOIN music.artists USING (artist_id)" if joined else "") + (", UNNEST(genres) AS genre" if (r.table, r.group) == ("artists", "genre") else "") + (f" WHERE {where}" if where else "")
    if r.shape in ("count", "average"):
        value, alias = counted(r)
        if not r.group:
            return f"SELECT {qualified(value)} {source}"
        column, key, is_time, *_ = GROUPS[r.table][r.group]
        return f"SELECT {column}, {qualified(value)} {source} GROUP BY {key} ORDER BY {key if is_time else alias + ' DESC'}"
    if r.head != r.table:
        name = "artist_name" if r.head == "artists" else "album" if "artist" in r.groups else "album, artist_name"
        return f"SELECT DISTINCT {name} {source}"
    shown = [c.shows for c in chosen if c.shows] if r.shape == "list" else [r.measure]
    columns = ["title, artist_name" if r.table == "tracks" else "name", *(e for e in r.extra if e in DESCRIPTIVE), *shown, *(e for e in r.extra if e not in DESCRIPTIVE)]
    order = f" ORDER BY {qualified(r.measure)}{'' if r.low else ' DESC'} {r.limit}".rstrip() if r.shape == "top" else ""
    return f"SELECT {', '.join(dict.fromkeys(qualified(c) for c in columns))} {source}{order}"


# What albums and artists can be listed by.
OF_ALBUMS = {"artist", "genre", "date", "country", "explicit", "mode", "album"}


def catalogue_fits(r: Request) -> bool:
    """Whether the request makes sense and the conventions have one SQL for it."""
    several = any("IN (" in c.sql for c in r.conditions)
    if len(r.conditions) > 4 or r.shape == "list" and not r.conditions:
        return False
    if r.table == "tracks" and {"artist", "country"} <= r.groups:
        return False
    if r.head != r.table and (r.shape not in ("list", "count") or r.groups - OF_ALBUMS or {"albums": "album", "artists": "artist"}[r.head] in r.groups):
        return False
    if r.group == "album" and ("artist" not in r.groups or several or r.head != "tracks") or r.group == "country" and "artist" in r.groups:
        return False
    if {"year": "date", "decade": "date"}.get(r.group, r.group) in r.groups:
        # Years of a decade or of a range; two of a kind compared.
        years = r.group == "year" and any("decade" in c.sql or "BETWEEN {year" in c.sql for c in r.conditions)
        if not years and not (several and r.group in ("artist", "genre", "country")):
            return False
    return not (r.shape in ("top", "average") and r.measure.replace("_ms", "") in r.groups)


def catalogue_draw(table: str) -> Callable[[random.Random, Request], Condition]:
    return lambda rng, r: rows.pick(table, rng, 1)[0]


def catalogue_start(table: str) -> Callable[[Talk], tuple[str, Request]]:
    def start(talk: Talk) -> tuple[str, Request]:
        rng, language = talk.rng, talk.language
        chosen = tuple(talk.fresh(c) for c in rows.pick(table, rng, rng.choices([1, 2], [0.7, 0.3])[0]))
        shape = rng.choices(["list", "top", "count", "average"], [4, 4, 2, 1.3])[0]
        talk.noun = rng.choice(NOUNS[table][language])
        r = Request(table, shape, chosen, table)
        if shape == "top":
            measure, low = rng.choice([(m, low) for t, m, low in SUPERLATIVES if t == table])
            return ask_top(talk, replace(r, measure=measure, low=low, limit=new_limit(talk)))
        np = rows.phrase(talk.noun, list(chosen), language, rng)
        if shape == "average":
            column, en, fr, feminine = rng.choice(AVERAGES[table])
            text = one(rng, "average {Q} of {X}|what is the average {Q} of {X}?|mean {Q} of {X}|the average {Q} of {X} please" if language == EN else "{Q} <mean> des {X}|<which> est <le> {Q} <mean> des {X} ?|<le> {Q} <mean> des {X}|donne-moi <le> {Q} <mean> des {X}")
            return articled(text.replace("{X}", talk.inflected(np)).replace("{Q}", en if language == EN else fr), fr, feminine), replace(r, measure=column)
        ask = rng.choice((rows.ASK_LIST if shape == "list" else rows.ASK_COUNT)[language])
        return talk.inflected(ask.replace("{NP}", np)), r

    return start


def new_limit(talk: Talk) -> str:
    how = talk.rng.choice(["LIMIT 1", "LIMIT 10", "LIMIT 10", "number", "number"])
    return f"LIMIT {talk.new('num')}" if how == "number" else how


TOP_FRAMES = {
    EN: "the {n}{X}|{n}{X}|what {be} the {n}{X}?|show me the {n}{X}|give me the {n}{X}|which {be} the {n}{X}?|I'd like to see the {n}{X}|list the {n}{X}|the {n}{X} please",
    FR: "{le}{X}|{quel} {est} {le}{X} ?|montre-moi {le}{X}|donne-moi {le}{X}|c'est quoi {le}{X} ?|je cherche {le}{X}|j'aimerais voir {le}{X}|{le}{X} stp",
}


# Plural words around a noun, as they are said of one.
OF_ONE = [(r"that are", "that is"), (r"that have", "that has"), (r"who are", "who is"), (r"who (play|do)\b", r"who \1s"), (r"dos\b", "does"), (r"sortis", "sorti"), (r"parus", "paru"), (r"venus", "venu"), (r"enregistrés", "enregistré"), (r"qui ne sont", "qui n'est"), (r"qui sont", "qui est"),
          (r"qui ont", "qui a"), (r"qui font", "qui fait"), (r"qui ne font", "qui ne fait"), (r"qui ne viennent", "qui ne vient"), (r"qui durent", "qui dure"), (r"explicites", "explicite"), (r"chantés", "chanté"), (r"bavards", "bavard"), (r"gais", "gai"), (r"élevés", "élevé"),
          (r"écoutés", "écouté"), (r"ceux", "celui"), (r"les dernier", "le dernier"), (r"those with", "the one with")]


def of_one(text: str) -> str:
    text = rows.singular(text)
    for many, alone in OF_ONE:
        text = re.sub(rf"\b{many}", alone, text)
    return text


def ask_top(talk: Talk, r: Request, of: str = "", tail: str = "") -> tuple[str, Request]:
    """The first question, for a ranking. `of` is said where there is no superlative ("with the most listeners")."""
    rng, language = talk.rng, talk.language
    number = re.search(r"\{\w+\}", r.limit)
    count = f"{number.group(0)} " if number else ""
    own = [c for c in r.conditions if c.group not in TAILS[r.table]]
    noun = SINGULAR.get(talk.noun, talk.noun.removesuffix("s")) if not r.plural else talk.noun
    np = rows.phrase(noun, own, language, rng)
    np = np if r.plural else of_one(np)
    words, _ = superlatives(talk, r)
    if language == EN:
        thing = f"{words} {np} {tail}" if words else f"{np} {of} {tail}"
        text = one(rng, TOP_FRAMES[EN]).replace("{X}", thing).replace("{n}", count).replace("{be}", "are" if r.plural else "is")
        return talk.contracted(" ".join(text.split())), r
    words = re.sub(r"^(ceux|celui|celles|celle) ", "", words)
    thing = f"{np} {words} {tail}" if words else f"{np} {of} {tail}"
    le = f"les {count}" if r.plural else "l'" if noun[0] in "aé" else "la " if talk.feminine or noun == "chanson" else "le "
    text = one(rng, TOP_FRAMES[FR]).replace("{X}", thing).replace("{le}", le).replace("{quel}", "quel*").replace("{est}", "sont" if r.plural else "est")
    return talk.inflected(" ".join(text.split()), r.plural), r


# --- plays: all-time plays and single plays ------------------------------------------------------------------------------


def said(part, group: str = "") -> Said:
    """A part of another module as a condition, its slots numbered from the first on."""
    names: dict[str, str] = {}
    count: dict[str, int] = {}
    for slot in slots(part.sql):
        kind = re.sub(r"\d+$", "", slot)
        count[kind] = count.get(kind, 0) + 1
        names[slot] = "{" + kind + rows.suffix(count[kind]) + "}"
    change = lambda text: [corpus.SLOT.sub(lambda m: names.get(m.group(1) + m.group(2), m.group(0)), t.strip()) for t in text.split("|") if t.strip()]
    loose = lambda text, other: change(getattr(part, other, "") or text)
    before = getattr(part, "en_before", "") or getattr(part, "before", "")
    return Said(group or part.kind, part.place, change(part.sql)[0], {EN: change(before), FR: []}, {EN: loose(part.en, "loose_en"), FR: loose(part.fr, "loose_fr")}, "", part.join)


BY = said(events.BY_ARTIST)
TITLE = Said("title", 4, "track_title = {title}", {EN: [], FR: []}, {EN: ["of {title}", "for {title}"], FR: ["de {title}", "pour {title}"]})
WHEN = [said(p) for p in (*events.DATES, *events.DATES, *events.CLOCKS, *events.WEEKDAYS)]
WHO = [said(p) for p in (*events.COUNTRIES, *events.COUNTRIES[:8], *2 * events.USERS, *2 * events.SEGMENT_USERS)]
SONG_CONDITIONS = [*[BY] * 6, *[said(events.GENRE_PART)] * 5, *map(said, events.RELEASE_PARTS), *map(said, events.EXPLICIT_PARTS)]
ARTIST_CONDITIONS = [said(p) for (p,), _ in events.ARTIST_PARTS]
PLAYS_OF = replace(BY, before={EN: [], FR: []}, after={EN: ["of {artist}", "for {artist}"], FR: ["de {artist}", "pour {artist}"]})
OWN = {"song": SONG_CONDITIONS, "album": SONG_CONDITIONS, "artist": ARTIST_CONDITIONS, "genre": [BY], "": [PLAYS_OF]}
EVENT_COLUMNS = {"song": "track_title, artist_name", "artist": "artist_name", "album": "album, artist_name", "genre": "genre"}


def listened(c: Condition) -> Condition:
    """A condition on single plays as it is said of all-time plays, where the listener's country is in another table."""
    return replace(c, sql="users." + c.sql, place=taste.IN_COUNTRY.place, join=taste.USERS) if c.group == "country" else c


def plays_sql(r: Request) -> str:
    column, key, is_time = GROUPS["plays"][r.group][:3] if r.group else (EVENT_COLUMNS.get(r.head, ""), EVENT_COLUMNS.get(r.head, ""), False)
    order = f"GROUP BY {key} ORDER BY {key if is_time else r.measure + ('' if r.low else ' DESC')} {r.limit}".rstrip() if key else ""
    if r.shape == "each":
        first = "= 1" if not r.plural else "<= " + r.limit.removeprefix("LIMIT ")
        column, order = f"country, {column}", f"GROUP BY country, {key} QUALIFY ROW_NUMBER() OVER (PARTITION BY country ORDER BY {r.measure} DESC) {first}"
    if single(r):
        expression = events.MEASURES[r.measure][0]
        joins = [events.TRACKS] if r.head in ("album", "genre") else [events.SEGMENTS] if r.group == "segment" else []
        return events.query(f"{column}, {expression}" if key else expression, r.conditions, order, joins)
    expression = taste.MEASURES[r.measure][0]
    if r.head == "artist" and "user" in r.groups:
        return taste.query("artist_name, plays", r.conditions, order.partition(key + " ")[2])
    if r.group == "country" or r.shape == "each":
        column, order = (re.sub(r"(?<=BY )country|^country", "users.country", text) for text in (column, order))
    joins = [taste.USERS] if r.shape == "each" else {"country": [taste.USERS], "segment": [taste.SEGMENTS]}.get(r.group, [taste.ARTISTS] if r.head == "genre" else [])
    return taste.query(f"{column}, {expression}" if key else expression, [listened(c) for c in r.conditions], order, joins, r.head == "genre")


def single(r: Request) -> bool:
    """Whether the request is about single plays (with a time or a song) rather than all-time plays of artists."""
    return r.head in ("song", "album") or events.timed(r.conditions) or r.group in ("hour", "weekday", "month", "day", "year")


def plays_fits(r: Request) -> bool:
    """Whether the request makes sense and the conventions have one SQL for it."""
    people, several = {"country", "user", "segment"}, any(" IN (" in c.sql for c in r.conditions)
    allowed = {*TAILS["plays"], *(c.group for c in OWN[r.head]), *(("title",) if not r.head else ())}
    if r.groups - allowed or len(r.groups & people) > 1 or len(r.conditions) > 4 or {"title", "artist"} <= r.groups:
        return False
    if "user" in r.groups and (r.measure == "listeners" or "artist" in r.groups and not single(r)):
        return False
    if not r.head and not r.groups & {"artist", "title", "date", *people}:
        return False
    if r.shape == "each" and r.groups & {*people, "origin"}:
        return False
    return not r.group or plays_group_fits(r, several)


def plays_group_fits(r: Request, several: bool) -> bool:
    """Whether the groups are more than one under the conditions."""
    if r.group == "artist":
        return several
    if r.group in ("country", "segment") and r.groups & {"user", "segment"} or r.group in r.groups and not (r.group == "country" and several):
        return False
    date = next((c.sql for c in r.conditions if c.group == "date"), "")
    longer = {"year": "", "month": f"{events.YEAR} = ", "day": f"{events.MONTH} = "}.get(r.group)
    return {"hour": "clock"}.get(r.group) not in r.groups and not (date and longer is not None and not (longer and date.startswith(longer)))


def plays_draw(rng: random.Random, r: Request) -> Condition:
    return rng.choice(rng.choices([WHEN, WHO, OWN[r.head]], [5, 4, 3 if r.head else 1])[0])


TOTAL_FRAMES = {
    ("plays", EN): "how many plays {X}|number of plays {X}|total plays {X}|how many plays {X}?|play count {X}|what is the number of plays {X}?|how many streams {X}?",
    ("plays", FR): "combien d'écoutes {X} ?|nombre d'écoutes {X}|total des écoutes {X}|combien d'écoutes {X}|quel est le nombre d'écoutes {X} ?|combien de lectures {X} ?|le nombre d'écoutes {X}",
    ("listeners", EN): "how many listeners {X}?|number of listeners {X}|how many different listeners {X}|unique listeners {X}|audience {X}, in listeners|what is the number of listeners {X}?",
    ("listeners", FR): "combien d'auditeurs {X} ?|nombre d'auditeurs {X}|combien d'auditeurs différents {X}|auditeurs uniques {X}|quel est le nombre d'auditeurs {X} ?|le nombre d'auditeurs {X}",
}


def plays_start(talk: Talk) -> tuple[str, Request]:
    rng, language = talk.rng, talk.language
    head = rng.choices(["song", "artist", "album", "genre", ""], [5, 5, 0.6, 0.6, 4])[0]
    measure = rng.choices(["plays", "listeners"], [4, 1])[0]
    chosen = {c.group: c for c in rng.choices([[], [rng.choice(WHEN)], [rng.choice(WHO)], [rng.choice(WHO), rng.choice(WHEN)]], [3, 3, 3, 1])[0]}
    if not head:
        chosen |= {c.group: c for c in [rng.choice([PLAYS_OF, PLAYS_OF, TITLE])]}
    elif rng.random() < 0.4:
        chosen |= {c.group: c for c in [rng.choice(OWN[head])]}
    r = Request("plays", "top" if head else "total", tuple(talk.fresh(c) for c in chosen.values()), head, measure)
    tail = " ".join(talk.plain(c) for c in r.conditions if c.group in TAILS["plays"])
    if not head:
        named = {EN: ["of", "for"], FR: ["de", "pour"]}[language]
        thing = f"{rng.choice(named)} {{{next(s for s in slots(r.sql()) if s.startswith(('artist', 'title')))}}}"
        return talk.inflected(" ".join(one(rng, TOTAL_FRAMES[measure, language]).replace("{X}", f"{thing} {tail}").split()).replace(" ,", ",")), r
    talk.noun = one(rng, HEADS["plays"][head][1 if language == EN else 3])
    of = one(rng, "with the most listeners|with the most different listeners" if language == EN else "avec le plus d'auditeurs|qui ont le plus d'auditeurs") if measure == "listeners" else ""
    return ask_top(talk, replace(r, limit=new_limit(talk)), of if not (of.startswith("qui") and not r.plural) else "avec le plus d'auditeurs", tail)


def each_country(talk: Talk, r: Request) -> Outcome:
    """The first, or the first few, of each country."""
    if r.shape != "top" or r.low or r.limit in ("", "LIMIT 10") or r.groups & {"country", "user", "segment", "origin"} or r.head not in ("song", "artist"):
        return None
    return talk.words("each"), replace(r, shape="each")


def other_measure(talk: Talk, r: Request) -> Outcome:
    """Listeners instead of plays, weeks instead of songs."""
    first, second = {"plays": ("plays", "listeners"), "hits": ("hits", "weeks"), "national": ("rank", "listeners")}[r.table]
    after = replace(r, measure=second if r.measure == first else first, low=False)
    if r.shape not in ("top", "total") or (r.table, r.head) == ("hits", "song"):
        return None
    _, by = superlatives(talk, after)
    if r.shape == "top":
        return talk.words("measure", Q=by), after
    return (one(talk.rng, TOTALS[after.measure][0 if talk.language == EN else 1]), after) if not r.group or talk.rng.random() < 0.7 else None


TOTALS = {
    "plays": ("and how many plays?|plays instead|in plays|how many plays is that?|and the plays?|number of plays rather|I meant plays|what about plays?|not listeners, plays|and in terms of plays?", "et combien d'écoutes ?|plutôt les écoutes|en écoutes|ça fait combien d'écoutes ?|et les écoutes ?|nombre d'écoutes plutôt|pas les auditeurs, les écoutes|et côté écoutes ?"),
    "listeners": ("and how many listeners?|listeners instead|how many people is that?|from how many listeners?|and the number of listeners?|by how many different people|how many people in all?|I meant listeners|not plays, listeners|and in terms of listeners?|unique listeners rather",
                  "et combien d'auditeurs ?|plutôt les auditeurs|ça fait combien de personnes ?|par combien d'auditeurs ?|et le nombre d'auditeurs ?|combien de gens différents ?|et côté auditeurs ?|pas les écoutes, les auditeurs|chez combien de personnes ?|auditeurs uniques plutôt"),
}


# --- hits: the Hot 100 ---------------------------------------------------------------------------------------------------

RUNGS = {rung.sql: rung for rung in (charts.NUMBER_ONE, charts.TOP_N, charts.ANYWHERE)}
AT = [Said("rank", charts.RANK, sql.replace("num2", "num"), {EN: [], FR: []}, {EN: rung.at.replace("num2", "num").split("|"), FR: rung.sur.replace("num2", "num").split("|")}) for sql, rung in RUNGS.items() if sql]
SPANS = [said(b, "date") for b in charts.SPANS]
CHARTING = {"song": [said(charts.SONG_ARTIST, "artist")], "artist": [said(charts.FROM_COUNTRY, "country"), said(charts.OF_GENRE, "genre")]}
CHARTED = {"hits": "COUNT(DISTINCT title) AS hits", "weeks": "COUNT(*) AS weeks"}


def hits_sql(r: Request) -> str:
    column = "title, artist_name" if r.head == "song" else "artist_name"
    if r.shape == "list":
        return charts.hot(f"DISTINCT {column}", *r.conditions)
    value = "COUNT(DISTINCT artist_id) AS artists" if (r.shape, r.head) == ("count", "artist") else CHARTED["hits" if r.shape == "count" else r.measure]
    alias = value.rpartition(" ")[2]
    if r.group:
        column, key, is_time, *_ = GROUPS["hits"][r.group]
        join = [charts.Bit(join=charts.ARTISTS)] if r.group == "country" else []
        return charts.hot(f"{column}, {value}", *r.conditions, *join, tail=f"GROUP BY {key} ORDER BY {key if is_time else alias + ' DESC'}")
    if r.shape == "count":
        return charts.hot(value, *r.conditions)
    return charts.hot(f"{column}, {value}", *r.conditions, tail=f"GROUP BY {column} ORDER BY {alias}{'' if r.low else ' DESC'} {r.limit}".rstrip())


def hits_fits(r: Request) -> bool:
    """Whether the request makes sense and the conventions have one SQL for it."""
    span, several = next((c.sql for c in r.conditions if c.group == "date"), ""), any(" IN (" in c.sql for c in r.conditions)
    if r.low or r.groups - {"rank", "date", *(c.group for c in CHARTING[r.head])} or not r.conditions and r.shape != "top":
        return False
    if r.head == "song" and r.shape == "top" and r.measure != "weeks":
        return False
    if r.group == "artist" and not several or r.group == "country" and ("artist" in r.groups or "country" in r.groups and not several):
        return False
    return not (r.group in ("year", "decade") and span and not (r.group == "year" and "decade" in span))


def hits_draw(rng: random.Random, r: Request) -> Condition:
    return rng.choice(rng.choices([AT, SPANS, CHARTING[r.head]], [4, 5, 3])[0])


def hits_start(talk: Talk) -> tuple[str, Request]:
    """Songs or artists on the Hot 100: which, how many, those with most songs or weeks."""
    rng, language = talk.rng, talk.language
    head, shape = rng.choice(["song", "artist"]), rng.choice(["list", "count", "top", "top"])
    place = rng.choice([*AT, AT[0], None])
    drawn = [place, rng.choice(SPANS) if rng.random() < 0.55 else None, rng.choice(CHARTING[head]) if rng.random() < 0.4 else None]
    chosen = tuple(talk.fresh(c) for c in drawn if c)
    r = Request("hits", shape, chosen, head, "weeks" if head == "song" or rng.random() < 0.3 else "hits")
    rank = next((c for c in chosen if c.group == "rank"), None)
    rung = RUNGS[place.sql.replace("{num}", "{num2}") if place else ""]
    named = lambda text: one(rng, text).replace("{num2}", "{" + slots(rank.sql)[0] + "}" if rank and slots(rank.sql) else "")
    when = " ".join(talk.plain(c) for c in r.conditions if c.group == "date")
    own = [c for c in chosen if c.group not in ("rank", "date")]
    talk.noun = one(rng, HEADS["hits"][head][1 if language == EN else 3])
    at = named(rung.at if language == EN else rung.sur)
    if shape == "top":
        weeks = f"the most weeks {at}" if language == EN else f"le plus de semaines {at}"
        songs = f"the most {named(rung.owned)}" if language == EN else f"le plus de {named(rung.owned_fr)}"
        return ask_top(talk, replace(r, limit=new_limit(talk)), ("with " if language == EN else "avec ") + (weeks if r.measure == "weeks" else songs), when)
    things = f"{rows.phrase(talk.noun, own, language, rng)} {at if language == EN else 'classés ' + at if rung is charts.ANYWHERE else at} {when}"
    text = one(rng, {("list", EN): "{X}|which {X}?|list the {X}|show me {X}|all the {X}", ("count", EN): "how many {X}?|number of {X}|how many different {X}|count the {X}", ("list", FR): "{X}|quels {X} ?|liste des {X}|montre-moi les {X}|tous les {X}", ("count", FR): "combien de {X} ?|nombre de {X}|combien de {X}|compte les {X}"}[shape, language])
    return talk.inflected(" ".join(text.replace("{X}", things).split())), r


# --- the charts of countries ----------------------------------------------------------------------------------------------

ITS_CHART, LATEST, ON_DATE = said(country_charts.ON_ITS_CHART, "country"), said(country_charts.CC_LATEST, "date"), said(country_charts.CC_DATE, "date")
CHART_FRAMES = {
    ("", EN): "full ranking of artists {X}|the whole ranking {X}|the chart, artists with their rank {X}|show every artist {X} with its rank", ("", FR): "classement complet des artistes {X}|tout le classement {X}|les artistes avec leur rang {X}|montre tous les artistes et leur rang {X}",
    ("one", EN): "who is number one {X}?|number one {X}|which artist is at the top {X}?|the artist in first place {X}", ("one", FR): "qui est numéro un {X} ?|le numéro un {X}|quel artiste est en tête {X} ?|l'artiste à la première place {X}",
    ("number", EN): "top {n} artists {X}|the top {n} {X}|the first {n} artists {X}|who are the top {n} {X}?", ("number", FR): "top {n} des artistes {X}|le top {n} {X}|les {n} premiers artistes {X}|qui est dans le top {n} {X} ?",
}


def national_sql(r: Request) -> str:
    if r.measure == "listeners":
        return charts.national("artist_name, listeners", *r.conditions, tail=f"ORDER BY listeners DESC {r.limit}".rstrip())
    if not r.plural:
        return charts.national("artist_name", charts.Bit("rank = 1", charts.RANK), *r.conditions)
    return charts.national("artist_name, rank", *r.conditions, tail=f"ORDER BY rank {r.limit}".rstrip())


def national_fits(r: Request) -> bool:
    return r.groups == {"country", "date"} and not r.low and (r.measure, r.limit) != ("rank", "LIMIT 10")


def national_draw(rng: random.Random, r: Request) -> Condition:
    return rng.choice([ITS_CHART, LATEST, ON_DATE])


def national_start(talk: Talk) -> tuple[str, Request]:
    """The newest chart of a country or that of a day: all of it, its top, or who leads it."""
    how = talk.rng.choice(["", "one", "number"])
    r = Request("national", "top", tuple(talk.fresh(c) for c in (ITS_CHART, talk.rng.choice([LATEST, ON_DATE]))), "artist", "rank")
    talk.noun = "artists" if talk.language == EN else "artistes"
    value = talk.new("num") if how == "number" else ""
    text = one(talk.rng, CHART_FRAMES[how, talk.language]).replace("{X}", " ".join(talk.plain(c) for c in r.conditions)).replace("{n}", value)
    return talk.contracted(text), replace(r, limit={"": "", "one": "LIMIT 1", "number": f"LIMIT {value}"}[how])


NATIONAL_STEPS = {change_value: 5, swap_condition: 3, how_many_rows: 4, other_measure: 3}
CATALOGUE_STEPS = {change_value: 5, add_condition: 5, swap_condition: 2, remove_condition: 2.5, rank_otherwise: 3, rank_list: 3, flip: 2, how_many_rows: 3.5, count_instead: 2, list_instead: 1.5, average_instead: 1.5, grouped: 3, other_head: 2, compare: 2.5, more_columns: 2.5}
PLAYS_STEPS = {change_value: 5, add_condition: 5, swap_condition: 2, remove_condition: 2.5, other_measure: 3, flip: 2, how_many_rows: 3.5, grouped: 4, other_head: 3, compare: 3, each_country: 2}
HITS_STEPS = {change_value: 5, add_condition: 5, swap_condition: 2, remove_condition: 2.5, other_measure: 2.5, how_many_rows: 3, count_instead: 2.5, list_instead: 2, grouped: 3, other_head: 3, compare: 3}
FAMILIES = {
    **{t: Family(catalogue_sql, catalogue_fits, catalogue_start(t), catalogue_draw(t), CATALOGUE_STEPS) for t in ("tracks", "artists")},
    "plays": Family(plays_sql, plays_fits, plays_start, plays_draw, PLAYS_STEPS), "hits": Family(hits_sql, hits_fits, hits_start, hits_draw, HITS_STEPS),
    "national": Family(national_sql, national_fits, national_start, national_draw, NATIONAL_STEPS),
}


# --- conversations -------------------------------------------------------------------------------------------------------


def turns(rng: random.Random) -> int:
    return rng.choices([1, 2, 3], [0.65, 0.25, 0.1])[0]


def joined(questions: list[str], sql: str) -> tuple[str, str] | None:
    """The turns and the SQL, if they have few enough slots and the turns name all that the SQL needs."""
    whole = TURN.join(questions)
    return (whole, sql) if len(slots(whole)) <= MOST_SLOTS and set(slots(sql)) <= set(slots(whole)) else None


def conversation(table: str) -> Callable[[random.Random], tuple[str, str]]:
    """Requests on a table, one from the other."""

    def attempt(rng: random.Random) -> tuple[str, str] | None:
        talk = Talk(rng, rng.choice([EN, FR]))
        family = FAMILIES[table]
        question, request = family.start(talk)
        if not family.fits(request):
            return None
        questions = [question]
        if rng.random() < 0.03:
            talk.language = FR if talk.language == EN else EN
            talk.noun = one(rng, {EN: "songs" if table in ("tracks", "plays") else "artists", FR: "titres" if table in ("tracks", "plays") else "artistes"}[talk.language])
        for _ in range(turns(rng)):
            step = stepped(talk, request)
            if step is None:
                return None
            questions.append(talk.chatty(step[0]))
            request = step[1]
        return joined(questions, request.sql())

    def pattern(rng: random.Random) -> tuple[str, str]:
        while (out := attempt(rng)) is None:
            pass
        return out

    return pattern


def stepped(talk: Talk, request: Request) -> Outcome:
    """A follow-up that fits the request and changes it."""
    steps = request.family.steps
    for _ in range(20):
        (step,) = talk.rng.choices(list(steps), list(steps.values()))
        noun, used = talk.noun, dict(talk.used)
        out = step(talk, request)
        if out and request.family.fits(out[1]) and (out[1].sql() != request.sql() or step is more_columns):
            return out
        talk.noun, talk.used = noun, used
    return None


SONG_SCORES = ("tempo", "popularity", "energy", "danceability", "valence", "loudness", "acousticness")
# What is asked about: slot, its facts (SQL, English noun, French noun, English questions, French questions), "it" in both languages, columns that two are compared by, and how.
LOOKUPS = [
    ("title", [(f"SELECT {f[0]} FROM music.tracks WHERE title = {{}}", *f[1:]) for f in lookups.SONG_FACTS], ("it", "ce titre"), SONG_SCORES, "SELECT title, artist_name, {0} FROM music.tracks WHERE title IN ({1}, {2}) ORDER BY {0} DESC"),
    ("artist", [(f"SELECT {f[0]} FROM music.artists WHERE artist_id = {{}}", *f[1:]) for f in lookups.ARTIST_FACTS], ("this artist", "cet artiste"), ("followers", "popularity"), "SELECT name, {0} FROM music.artists WHERE artist_id IN ({1}, {2}) ORDER BY {0} DESC"),
    ("album", [(f[0].replace("{W}", "album = {}"), "", "", *f[1:]) for f in lookups.ALBUM_FACTS if "{num}" not in f[0]], ("this album", "cet album"), (), ""),
]


def lookup(rng: random.Random) -> tuple[str, str]:
    """A fact about a song, an artist or an album; then another fact, another song or artist, or both side by side."""
    talk = Talk(rng, rng.choice([EN, FR]))
    slot, facts, it, scores, versus = rng.choices(LOOKUPS, [4, 3, 2])[0]
    value, fact = talk.new(slot), rng.choice(facts)
    questions = [lookups.says(rng, talk.language, value, fact[3], fact[4], fact[1], fact[2])]
    for _ in range(turns(rng)):
        column = fact[0].split()[1]
        if rng.random() < 0.5:
            value, old = talk.new(slot), value
            if column in scores and rng.random() < 0.4:
                questions.append(talk.words("compare", V=value, O=old))
                return TURN.join(questions), versus.format(column, old, value)
            questions.append(talk.chatty(talk.words("value", V=value, O=old)))
            continue
        fact = rng.choice([f for f in facts if f is not fact])
        en_noun, fr_noun, en, fr = fact[1:]
        noun, whole, this = (en_noun, en, it[0]) if talk.language == EN else (fr_noun, fr, it[1])
        questions.append(talk.chatty(talk.words("fact", C=one(rng, noun))) if noun and rng.random() < 0.55 else one(rng, whole).replace("{X}", this))
    return TURN.join(questions), fact[0].format(value)


def topic_switch(rng: random.Random) -> tuple[str, str]:
    """A whole question after another that it has nothing to do with."""
    while True:
        (_, before, _), (_, question, sql) = asked(rng), asked(rng)
        before = corpus.SLOT.sub(lambda m: "{" + m.group(1) + str(20 + int(m.group(2) or 1)) + "}", before)
        if out := joined([before, question], sql):
            return out


# --- any question, with a value, the number of rows or the order changed ---------------------------------------------------

FRENCH_WORDS = re.compile(r"\b(les?|la|des?|du|en|et|quels?|quelles?|combien|qui|par|plus|moins|sont|est|chez|pour|aux?|dans|avec|titres|morceaux|chansons|artistes|écoutes|[ldqcn]')(?![\w{])|[éèêàçùœ]", re.I)
ENGLISH_WORDS = re.compile(r"\b(the|of|in|by|what|which|who|how|many|most|with|from|is|are|and|number|show|songs|tracks|artists|for|on|to|did|has|have|users?|plays|listeners)\b", re.I)


# The share of the corpus questions that training holds out, by the hash that `train.chance` takes: they are not to be seen here either.
HELD_OUT = 0.02


def held_out(question: str) -> bool:
    return int.from_bytes(hashlib.sha256(question.encode()).digest()[:6]) / 2**48 < HELD_OUT


@cache
def phrased() -> list[tuple[str, str, str]]:
    """The hand-phrased questions that can be followed up: language, question, SQL."""
    return [(language, question, block.sql) for block in corpus.read_blocks() if block.answerable for language, question in block.questions if TURN not in question and not held_out(question)]


def asked(rng: random.Random) -> tuple[str, str, str]:
    """A question of the corpus or of another module: language, question, SQL."""
    if rng.random() < 0.55:
        return rng.choice(phrased())
    (module,) = rng.choices([m for m, _ in OTHERS], [w for _, w in OTHERS])
    question, sql = rng.choice(module.PATTERNS)(rng)
    question = " ".join(question.split())
    return FR if len(FRENCH_WORDS.findall(question)) > len(ENGLISH_WORDS.findall(question)) else EN, question, sql


LIMITED = re.compile(r" ORDER BY (?:\w+\.)?(\w+)( DESC)? LIMIT (1|10|\{num\d*\})$")
# What may be ranked the other way round: what most of it and least of it is called in English and French, where there is a word for it.
MEASURED = {column: tuple(f"the {text.replace('|', '|the ')}" for text in (SUPERLATIVES["tracks", column, False][0], SUPERLATIVES["tracks", column, True][0])) + tuple("|".join(t for t in SUPERLATIVES["tracks", column, low][1].split("|") if t.startswith("les")) for low in (False, True))
            for table, column, low in SUPERLATIVES if table == "tracks" and low}
MEASURED |= {
    "plays": ("the most played|those with the most plays", "the least played|those with the fewest plays", "les plus écoutés|ceux qui ont le plus d'écoutes", "les moins écoutés|ceux qui ont le moins d'écoutes"),
    "listeners": ("the most listeners", "the fewest listeners", "le plus d'auditeurs", "le moins d'auditeurs"), "followers": ("the most followers", "the fewest followers", "le plus d'abonnés", "le moins d'abonnés"),
    **{alias: ("the most", "the fewest", f"le plus {fr}", f"le moins {fr}") for alias, fr in [("tags", "de tags"), ("users", "d'utilisateurs"), ("tracks", "de titres"), ("weeks", "de semaines"), ("hits", "de titres"), ("artists", "d'artistes"), ("friends", "d'amis"), ("albums", "d'albums"), ("entries", "d'entrées"), ("countries", "de pays")]},
    **{alias: ("the highest", "the lowest", "les plus élevés", "les plus bas") for alias in ("score", "percentage", "average", "total")},
    **{alias: () for alias in ("change", "minutes", "shared_listeners", "avg_score", *(f"avg_{column}" for _, column, _ in SUPERLATIVES))},
}


def reordered(talk: Talk, sql: str) -> tuple[str, str] | None:
    """The order turned round."""
    found = LIMITED.search(sql)
    if not found or found.group(1) not in MEASURED or " IN ({" in sql or "QUALIFY" in sql or (found.group(1) == "change" and "_snapshots" not in sql):
        return None
    down = found.group(2) is not None
    after = re.sub(r"( DESC)?( LIMIT \S+)$", lambda m: ("" if down else " DESC") + m.group(2), sql)
    named = MEASURED[found.group(1)]
    if not named or talk.rng.random() < 0.55:
        return talk.words("flip"), after
    words = one(talk.rng, named[(talk.language == FR) * 2 + down])
    if found.group(3) == "1":
        words = of_one(words)
    frames = "and {S}?|{S} instead|now {S}|what about {S}?|no, {S}|and which has {S}?" if words.startswith(("the most ", "the fewest")) and found.group(3) == "1" else "and {S}?|{S} instead|now {S}|what about {S}?|no, {S}|I meant {S}"
    frames = frames if talk.language == EN else "et {S} ?|plutôt {S}|maintenant {S}|non, {S}|je voulais dire {S}|et avec {S} ?" if words.startswith(("le plus d", "le moins d")) else "et {S} ?|plutôt {S}|maintenant {S}|non, {S}|je voulais dire {S}"
    return one(talk.rng, frames).replace("{S}", words), after


def relimited(talk: Talk, sql: str) -> tuple[str, str] | None:
    """One row, ten, a number or all of them."""
    found = LIMITED.search(sql)
    if not found or " IN ({" in sql:
        return None
    limit = found.group(3)
    how = talk.rng.choice(["number", "number", "several" if limit == "1" else "first", "all"])
    value = talk.new("num") if how == "number" else {"several": "10", "first": "1", "all": ""}[how]
    after = re.sub(r" LIMIT \S+$", f" LIMIT {value}" if value else "", sql)
    return number_words(talk, sql, value) if how == "number" else talk.words(how), after


def revalued(talk: Talk, sql: str, question: str) -> tuple[str, str] | None:
    """Another value for a slot, said so that it is clear for which."""
    if not slots(sql):
        return None
    slot = talk.rng.choice(slots(sql))
    kind = re.sub(r"\d+$", "", slot)
    rivals = [s for s in slots(sql) if s != slot and s.startswith(kind)]
    value, old = talk.new(kind), "{" + slot + "}"
    after = sql.replace(old, value)
    if kind == "num":
        return numbered(talk, sql, old, value, bool(rivals)), after
    if rivals:
        return talk.words("instead", V=value, O=old), after
    led = re.search(PREPOSITIONS[talk.language] + re.escape(old), question)
    if led and led.group(1) and talk.rng.random() < 0.5:
        bare = led.group(1).startswith(("de ", "du ", "des ", "of ", "l'", "le ", "la ", "les ", "the "))
        return talk.words("changed_bare" if bare else "changed", A=led.group(1) + value), after
    les = ("les années " if talk.language == FR else "the ") if kind == "decade" else ""
    return talk.words("whose" if kind == "artist" and talk.rng.random() < 0.15 else "value", V=les + value, O=les + old), after


# What stood before the value may stand before the new one.
PREPOSITIONS = {
    EN: r"\b((?:(?:in|from|of|by|for|on|to|with|since|after|before|during|at|between) )?(?:the )?(?:album |song |tag |segment |track )?)(?=\{)",
    FR: r"\b((?:(?:en|de|par|pour|chez|à|avec|depuis|après|avant|dans|sur|du|des|le|au) )?(?:les |la |le |l')?(?:album |chanson |titre |morceau |tag |segment )?)(?=\{)",
}


def numbered(talk: Talk, sql: str, old: str, value: str, rivals: bool) -> str:
    """The words for another number, by what it is: a number of rows, a user, days, or a threshold."""
    if sql.endswith(f"LIMIT {old}"):
        return number_words(talk, sql, value)
    if re.search(rf"(user|friend)_id = {re.escape(old)}", sql):
        who = one(talk.rng, "user {V}|user number {V}" if talk.language == EN else "l'utilisateur {V}|l'utilisateur numéro {V}").replace("{V}", value)
        return talk.words("value", V=who) if not sql.count("user_id = {num") > 1 else talk.words("instead", V=value, O=old)
    if f"INTERVAL {old} DAY" in sql:
        days = one(talk.rng, "over the last {V} days|in the past {V} days|over {V} days" if talk.language == EN else "sur les {V} derniers jours|ces {V} derniers jours|sur {V} jours").replace("{V}", value)
        return talk.words("changed", A=days)
    if re.search(rf"QUALIFY ROW_NUMBER.* <= {re.escape(old)}", sql) and not rivals:
        return talk.words("number", V=value)
    return talk.words("instead" if rivals else "threshold", V=value, O=old)


def any_question(rng: random.Random) -> tuple[str, str]:
    """A question of the corpus or another module and follow-ups that change its values, its number of rows or its order."""
    while True:
        language, question, sql = asked(rng)
        talk = Talk(rng, (FR if language == EN else EN) if rng.random() < 0.03 else language)
        talk.used = {kind: max(int(n or 1) for k, n in corpus.SLOT.findall(question) if k == kind) for kind, _ in corpus.SLOT.findall(question)}
        questions, first = [question], sql
        for _ in range(turns(rng)):
            for _ in range(6):
                change = rng.choices([lambda: revalued(talk, sql, TURN.join(questions)), lambda: relimited(talk, sql), lambda: reordered(talk, sql)], [6, 4, 2])[0]
                out = change()
                if out and out[1] != sql:
                    questions.append(talk.chatty(talk.inflected(out[0])))
                    sql = out[1]
                    break
        if sql != first and (out := joined(questions, sql)):
            return out


PATTERNS = [any_question] * 16 + [conversation("tracks")] * 8 + [conversation("artists")] * 3 + [conversation("plays")] * 5 + [conversation("hits")] * 3 + [conversation("national")] + [lookup] * 3 + [topic_switch] * 2
