"""Common given and family names of many countries, one at a time meaning nobody.

Left out on purpose: names that are months, seasons, colours, cities or everyday words.
"""

_GIVEN = """
Aaron Adam Adriana Agnieszka Ahmed Aisha Alan Alberto Alejandro Alessandro Alexander Alexandra Ali Alice Amanda Amelia
Amir Amy Ana Andrea Andreas Andrew Andrzej Angela Anita Anja Anna Anne Annette Anthony Antoine Antonio Arjun Arthur
Astrid Barbara Beata Benjamin Bernd Bjorn Björn Brenda Brian Bruno Camille Carla Carlos Carmen Carol Caroline
Catherine Cecilia Charles Charlotte Chiara Christian Christina Christine Christopher Claire Clara Claudia Cristina
Cynthia Daniel Daniela David Deborah Dennis Diego Dieter Dirk Dmitri Donald Donna Dorothy Edward Ekaterina Elena Elif
Elisabeth Elizabeth Ella Emil Emily Emma Emre Eric Erik Ethan Eva Fatima Federico Felix Fernando Finn Francesca
Francesco Frank Franziska Frederik Friedrich Gabriel Gary Georg George Gerhard Giovanni Giulia Gloria Gregory Greta
Guillaume Gustav Hannah Hans Harry Hassan Heather Heike Heinz Helen Helena Helga Henrik Henry Hiroshi Ibrahim Ines
Ingrid Irina Isabel Isabella Ivan Jack Jacob Jacqueline James Jan Jana Janet Jason Javier Jean Jeffrey Jennifer Jens
Jessica Joan Joao Johannes John Jonas Jonathan Jorge Jose Joseph Joshua José João Juan Judith Julia Julian Julie
Jürgen Karen Karin Karl Katarzyna Katharina Katherine Kathleen Katja Keith Kenneth Kevin Klaus Kristina Lars Laura
Lauren Lea Leila Lena Leon Leonardo Linda Lisa Louis Louise Luca Lucas Lucia Luis Luisa Lukas Magdalena Malgorzata
Manuel Marco Marcus Margaret Maria Marie Mario Mark Markus Marta Martha Martin Martina Mateo Matteo Matthew Matthias
Max Maximilian Megan Mehdi Mehmet Melissa Mia Michael Michel Michelle Miguel Mikael Mohamed Mohammed Monika Muhammad
Mustafa Nadia Nancy Natalia Natalie Nathan Nicholas Nicola Nicolas Nicole Nikita Nina Noah Oleg Oliver Olivia Omar
Pablo Pamela Paolo Patricia Patrick Paul Paula Pavel Pedro Peter Petra Philip Philipp Pierre Piotr Priya Rachel Rafael
Rahul Raj Ralf Raymond Rebecca Renate Ricardo Richard Robert Roberto Roland Ronald Rosa Ruth Ryan Sabine Salma
Samantha Samuel Sandra Sanjay Sara Sarah Scott Sean Sebastian Sergei Sergio Sharon Silvia Simon Simone Sofia Sophie
Stefan Stefanie Stephanie Stephen Steven Sunil Susan Susanne Sven Svetlana Tatiana Teresa Theresa Thomas Timothy
Tobias Tom Tomasz Ulrich Ulrike Ursula Uwe Valentina Vanessa Vera Veronica Viktor Vincent Virginia Vladimir Walter Wei
Werner William Wolfgang Xavier Yasmin Yuki Yusuf Zoe Zofia
"""
_FAMILY = """
Adams Aguilar Ahmed Alexander Ali Allen Almeida Alvarez Andersen Anderson Andersson Bailey Baker Baumann Becker
Bennett Bergmann Bernard Bianchi Brooks Brown Bruno Campbell Carter Castillo Castro Chen Clark Collins Colombo Cooper
Costa Cox Cruz Davies Davis Demir Diaz Dubois Durand Díaz Edwards Eriksson Esposito Evans Fernandes Fernandez
Fernández Ferrari Ferreira Fischer Flores Fontana Foster Fournier Franke Friedrich Garcia García Girard Gomes Gomez
Gonzales Gonzalez González Gupta Gustafsson Gutierrez Gómez Haas Hansen Hartmann Hernandez Hernández Hill Hoffman
Hoffmann Horvath Howard Huang Huber Hughes Hussain Ivanov Ivanova Jackson Jankowski Jansen Janssen Jansson Jensen
Jimenez Jiménez Johansen Johansson Johnson Jones Jung Kaiser Karlsson Kaya Kelly Khan Kim Klein Koch Kowalczyk
Kowalska Kowalski Kozlov Kraus Krause Krüger Kumar Lambert Larsen Larsson Laurent Lefebvre Lehmann Leroy Lewandowski
Li Lin Lindberg Liu Lopes Lopez Ludwig López Maier Marino Marques Martin Martinez Martins Martínez Mayer Meier Mendoza
Meyer Miller Mitchell Moore Morales Moreau Moreno Moretti Morgan Morris Murphy Murray Müller Nagy Nakamura Navarro
Neumann Nguyen Nielsen Nilsson Novak Nowak O'Brien Oliveira Olsen Olsson Ortiz Ozturk Papadopoulos Patel Pedersen
Pereira Perez Persson Petersen Peterson Petrov Petrova Pham Phillips Popov Powell Pérez Ramirez Ramos Ramírez Reed
Reyes Ribeiro Ricci Richards Richardson Richter Rivera Roberts Robinson Rodrigues Rodriguez Rodríguez Rogers Romano
Romero Rossi Roux Ruiz Russo Sahin Sanchez Sanders Santos Sato Schmid Schmidt Schmitt Schmitz Schneider Scholz
Schröder Schulz Schulze Schwarz Schäfer Sharma Silva Simon Singh Smirnov Smith Sousa Stewart Sullivan Suzuki Svensson
Sánchez Takahashi Tanaka Taylor Thomas Thompson Torres Tran Turner Vargas Vasquez Vogel Vogt Volkov Wagner Walker Wang
Ward Watanabe Watson Weber Werner White Williams Wilson Winkler Wojcik Wolf Wong Wright Wu Wójcik Xu Yamamoto Yang
Yildirim Yildiz Yilmaz Young Zhang Zhao Ziegler Zimmermann Öztürk Şahin
"""
_OTHER_SCRIPTS = """
Александр Александра Алексей Анастасия Андрей Анна Борис Виктор Виктория Владимир Галина Дарья Дмитрий Евгений Екатерина
Елена Иван Игорь Ирина Константин Ксения Людмила Максим Марина Мария Михаил Наталья Николай Оксана Олег Ольга Павел
Пётр Роман Светлана Сергей Татьяна Юлия Юрий Волков Иванов Иванова Кузнецов Кузнецова Лебедев Морозов Новиков Петров
Петрова Попов Попова Семенов Смирнов Смирнова Соколов Соколова Шевченко Коваленко
أحمد إبراهيم حسن حسين خالد خديجة زينب سارة عائشة عبدالله علي عمر فاطمة محمد محمود مريم مصطفى نور يوسف
Αικατερίνη Γεώργιος Γιώργος Δημήτρης Ελένη Ιωάννης Κωνσταντίνος Κώστας Μαρία Νίκος Παναγιώτης Παπαδόπουλος Σοφία
אברהם דוד יוסף כהן לוי משה רחל שרה
अनिल कुमार गुप्ता प्रिया राज राहुल शर्मा सिंह सुनीता
Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Đặng Bùi Đỗ Ngô Dương
Łukasz Łukasik Michał Paweł Małgorzata Özlem Çelik Özdemir Öztürk Şahin Doğan Çetin Horváth Szabó Kovács Tóth
Novák Dvořák Svoboda Novotný Jiří Tomáš Ondřej Žofia
"""
_EAST_ASIAN = """
王 李 张 張 刘 劉 陈 陳 杨 楊 赵 趙 黄 黃 周 吴 吳 徐 孙 孫 马 馬
朱 胡 郭 何 林 罗 羅 郑 鄭 梁 谢 謝 宋 唐 许 許 邓 鄧 冯 馮 韩 韓 曹 曾 彭 萧 蔡 潘
佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木
山口 松本 井上 木村 清水 山崎 池田 橋本 阿部 石川 前田 藤田 後藤 岡田 長谷川 村上 近藤
김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍
"""

GIVEN_NAMES = frozenset(_GIVEN.split())
FAMILY_NAMES = frozenset(_FAMILY.split())
OTHER_NAMES = frozenset(_OTHER_SCRIPTS.split())
EAST_ASIAN_FAMILY_NAMES = tuple(_EAST_ASIAN.split())
